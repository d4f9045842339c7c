// What comes from elsewhere: messages of the other blocks of the group, and weights. Neither needs a fence or a counter.
#pragma once

// Data is the flag: a message is units of three words and a tag that never repeats, each written and read at once.
// Two mailboxes in turn: who sends message n + 2 has all messages n + 1, so everybody has taken message n.
struct Mailbox {
    const Arguments& a;
    Unit* mail;                  // (2, BLOCKS, UNITS) of this group
    int block;
    u32 tag;                     // of the next message
    bool lost;                   // something never came: do not wait any more, the host will see `failed`

    DEVICE Unit* box(int from) const { return mail + ((tag & 1) * BLOCKS + from) * UNITS; }

    // All threads: send the message of this block. The words must be visible to all threads.
    template <int COUNT>
    DEVICE void send(const u32* words) {
        for (int i = threadIdx.x; i < COUNT; i += THREADS) {
            Unit unit = {{words[3 * i], words[3 * i + 1], words[3 * i + 2]}, tag};
            store_unit(box(block) + i, unit);
        }
    }

    // All threads: take(from, index, word) for every word of every block's message, as soon as it is there.
    template <int COUNT, class Take>
    DEVICE void receive(Take take) {
        constexpr int MINE = up(BLOCKS * COUNT, THREADS);
        Unit units[MINE];
        bool missing = true;
        for (int tries = 0; missing && !lost && (WAITING || tries == 0); tries++) {
            missing = false;
#pragma unroll
            for (int i = 0; i < MINE; i++) {
                const int n = threadIdx.x + i * THREADS;
                if (n < BLOCKS * COUNT && (tries == 0 || units[i].tag != tag)) units[i] = load_unit(box(n / COUNT) + n % COUNT);
            }
#pragma unroll
            for (int i = 0; i < MINE; i++) missing |= threadIdx.x + i * THREADS < BLOCKS * COUNT && units[i].tag != tag;
            if (missing) pause();
            if (tries == PATIENCE) lost = true, *a.failed = 1;
        }
#pragma unroll
        for (int i = 0; i < MINE; i++) {
            const int n = threadIdx.x + i * THREADS;
            for (int word = 0; word < 3 && n < BLOCKS * COUNT; word++) take(n / COUNT, n % COUNT * 3 + word, units[i].words[word]);
        }
        tag++;
    }
};

// The weights, piece after piece, through SLOTS slots of shared memory; a piece is fetched as soon as its place is free.
struct Stream {
    const u32* weights;          // of this block
    u32* slots;
    Arrival* arrivals;
    int next, last;              // pieces of this launch: to be fetched next, and their number

    DEVICE u32* slot(int piece) const { return slots + piece / 2 % SLOTS * SLOT_WORDS + piece % 2 * FRONT_WORDS; }
    DEVICE void fetch() {        // FETCHERS threads; the place must be free
        if (next >= last || !WEIGHTS) return;
        const int piece = next % STEP_PIECES, middle = piece - 1;
        const int begin = piece == 0 ? 0 : FIRST_WORDS + middle / 2 * LAYER_WORDS + middle % 2 * URGENT_WORDS;
        const int words = piece == 0 ? FIRST_WORDS : middle == 2 * LAYERS ? LAST_WORDS : middle % 2 ? OLD_WORDS : URGENT_WORDS;
        fetch_words(arrivals[next % (2 * SLOTS)], slot(next), weights + begin, words);
        next++;
    }
    DEVICE const u32* wait(int piece) {
        if (WEIGHTS) wait_words(arrivals[piece % (2 * SLOTS)], piece / (2 * SLOTS) & 1);
        return slot(piece);
    }
};
