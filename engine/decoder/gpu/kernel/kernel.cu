// One persistent kernel renders a block of samples: autoregressive WaveNet, NSynth's and the project's own.
//
// BLOCKS thread blocks share one group of up to VOICES voices. Each owns WIDTH / BLOCKS channels of every layer (rounded
// up: the last blocks compute zeros that nobody takes) and the weights of those rows, which stream through shared memory
// ahead of their use. A sample takes LAYERS + 3 stages; between two stages every block sends the others what it has
// computed: one exchange a layer, because
//     a[s] = Wnow[s] x[s] = Wnow[s] x[s-1] + (Wnow[s] Wres[s-1]) h[s-1]      (the product of matrices is made beforehand)
// so that h[s] and x[s] are computed side by side from h[s-1] and x[s-1]. The old taps of a layer are multiplied when
// their input is at hand anyway and the sums kept until they are due ("history"): they never wait for anything.
//
// Compiled with -D for each shape (shapes.py); device.h and the tests' emulation.h offer the same primitives, so that
// g++ runs this very text on fibers. HALF 1: fp16 in, fp32 sums on tensor cores; HALF 0: fp32 throughout (exact, slow).
// BYTES 1 (with HALF 1): weights are kept as whole numbers of 8 bits and a scale a row, half the stream of weights.
#ifdef EMULATED
#include "emulation.h"
#else
#include "device.h"
#endif
#include "sizes.h"
#include "exchange.h"
#include "products.h"
#include "draw.h"

DEVICE float sigmoid(float x) { return quotient(1, 1 + exponential(-x)); }
DEVICE float tangent(float x) { return 1 - quotient(2, 1 + exponential(2 * x)); }

// One thread of a block: the arrays without an address in memory are spread over the threads' registers.
struct Renderer {
    static constexpr int SUMS = up(GATES * VOICES, THREADS), ENTRIES = up(WIDTH / EACH * VOICES, THREADS);
    static constexpr int UNROLLED = ENTRY ? ENTRIES : 1;   // indices of `entries` must be known
    static constexpr int DRAWS = up(VOICES, WARPS);        // voices of a warp

    const Arguments& a;
    Shared& s;
    const int thread, block, row;                          // row: of the group's first voice
    Mailbox mailbox;
    Stream stream;
    int piece;                                             // of weights, in use
    float old[SUMS], conditions[SUMS];                     // what the next layer is given, on its way
    float entries[ENTRY ? ENTRIES * EACH : 1];             // what the next sample is given
    float chances[DRAWS], middles[DRAWS], given[DRAWS];    // the uniform numbers of this sample, and what is to be heard

    DEVICE void begin() {
        if (thread == 0) {
            for (int i = 0; i < 2 * SLOTS; i++) arrival_init(s.arrivals[i]);
            arrivals_ready();
        }
        sync_block();
        for (int i = 0; i < 2 * SLOTS; i++) fetch();
        for (int i = thread; i < WIDTH * LANES / EACH; i += THREADS) s.x[i] = 0;
        for (int i = thread; i < largest(WIDTH, SKIP) * LANES / EACH; i += THREADS) s.h[i] = 0;
        for (int i = thread; i < (TAPS + 1) * WIDTH; i += THREADS) s.start[i] = a.start[i];
        for (int i = thread; i < LAYERS * CHANNELS; i += THREADS)
            s.res_bias[i] = a.res_bias[(i / CHANNELS * BLOCKS + block) * CHANNELS + i % CHANNELS];
        for (int i = thread; i < SKIPS; i += THREADS) s.skip_bias[i] = a.skip_bias[block * SKIPS + i];
        for (int i = thread; i < LOGITS; i += THREADS) s.logit_bias[i] = a.logit_bias[block * LOGITS + i];
        for (int i = thread; i < VOICES; i += THREADS) s.temperature[i] = a.temperature[row + i];
        for (int i = thread; i < VOICES * 4; i += THREADS) {
            const int slot = a.slots[row + i / 4];
            s.heard[i] = slot >= 0 && a.ages[row + i / 4] && i % 4 < TAPS ? a.heard[slot * 4 + i % 4] : 0;
        }
        look_up_entry(0);
        look_up(0, 0);
        sync_block();
    }

    // Which conditioning a voice has in sample t: it may change with the ticks of its note.
    DEVICE long tick_of(int voice, int t) const {
        if constexpr (!TICK) return (long)row + voice;
        const int tick = ((int)(a.ages[row + voice] % largest(TICK, 1)) + t) / largest(TICK, 1);
        return ((long)row + voice) * a.ticks + (tick < a.ticks ? tick : a.ticks - 1);
    }
    // Sums of old taps, kept in global memory and read by the thread that wrote them.
    DEVICE float* sum_at(int layer, int voice, u32 age) const {
        const long at = (long)a.slots[row + voice] * HISTORY_ROWS + ring_start(layer) + (age & (ring(layer) - 1));
        return a.history + (at * BLOCKS + block) * GATES;
    }
    DEVICE void look_up(int layer, int t) {
#pragma unroll
        for (int i = 0; i < SUMS; i++) {
            const int n = thread + i * THREADS, voice = n / GATES;
            old[i] = conditions[i] = 0;
            if (n >= GATES * VOICES || a.slots[row + voice] < 0) continue;
            const u32 age = a.ages[row + voice] + t;
            conditions[i] = a.condition[((tick_of(voice, t) * LAYERS + layer) * BLOCKS + block) * GATES + n % GATES];
            if (age >= (u32)dilation(layer)) old[i] = load_fresh(sum_at(layer, voice, age) + n % GATES);
        }
    }
    DEVICE void look_down() {
#pragma unroll
        for (int i = 0; i < SUMS; i++)
            if (thread + i * THREADS < GATES * VOICES) s.before[thread + i * THREADS] = old[i] + conditions[i];
    }
    DEVICE void look_up_entry(int t) {
#pragma unroll
        for (int i = 0; i < (ENTRY ? ENTRIES * EACH : 0); i++) {
            const int n = thread + i / EACH * THREADS, k = n / VOICES * EACH + i % EACH;
            if (k < WIDTH && t < a.samples) entries[i] = a.entry[((long)(row + n % VOICES) * a.samples + t) * WIDTH + k];
        }
    }
    DEVICE void look_up_draws(int t) {
#pragma unroll
        for (int i = 0; i < DRAWS; i++) {
            const int voice = thread / 32 + i * WARPS;
            if (voice >= VOICES) continue;
            const long at = (long)(row + voice) * a.samples + t;
            chances[i] = a.uniforms[at], middles[i] = DIRECT ? a.middle[at] : 0, given[i] = a.forced ? a.forced[at] : 0;
        }
        for (int i = thread; i < SKIPS * VOICES; i += THREADS)
            s.out_condition[i] = a.out_condition[(tick_of(i % VOICES, t) * BLOCKS + block) * SKIPS + i / VOICES];
    }

    DEVICE const u32* next_piece() { return stream.wait(piece); }
    DEVICE void fetch() { if (thread < FETCHERS) stream.fetch(); }
    DEVICE void finish_piece() { fetch(), piece++; }       // nobody reads it any more

    // x[0] from the last samples, by every block for itself.
    DEVICE void enter() {
#pragma unroll UNROLLED
        for (int i = 0; i < ENTRIES; i++) {
            const int n = thread + i * THREADS, voice = n % VOICES, k = n / VOICES * EACH;
            if (k >= WIDTH) continue;
            float x[EACH];
#pragma unroll
            for (int j = 0; j < EACH; j++) {
                x[j] = ENTRY ? entries[i * EACH + j] : s.start[TAPS * WIDTH + k + j];
                for (int tap = 0; tap < TAPS && FEEDBACK; tap++) x[j] += s.start[tap * WIDTH + k + j] * s.heard[voice * 4 + tap];
                const int c = k + j - block * CHANNELS;
                if (c >= 0 && c < CHANNELS) s.stream[c * VOICES + voice] = x[j];
            }
            s.x[place(k, voice)] = pack<HALF>(x);
        }
    }

    // h and x of a layer, as words for the message. sums : of the gates (sigmoids, then tangents), from x and from h
    DEVICE void gates(int layer, const float* x_sums, const float* h_sums) {
        for (int i = thread; i < SIDE; i += THREADS) {
            const int voice = i % VOICES, channel = i / VOICES * EACH;
            float h[EACH], x[EACH];
#pragma unroll
            for (int j = 0; j < EACH; j++) {
                const int c = channel + j;
                float half[2];
#pragma unroll
                for (int side = 0; side < 2; side++) {
                    const int gate = side * CHANNELS + c;
                    half[side] = x_sums[gate * 8 + voice] + s.before[voice * GATES + gate];
                    if (layer) half[side] += h_sums[gate * 8 + voice];
                }
                h[j] = sigmoid(half[0]) * tangent(half[1]);
                float& mine = s.stream[c * VOICES + voice];
                if (layer) mine += h_sums[(GATES + c) * 8 + voice] + s.res_bias[(layer - 1) * CHANNELS + c];
                x[j] = mine;
            }
            s.message[i] = pack<HALF>(h), s.message[SIDE + i] = pack<HALF>(x);
        }
    }

    // The message to the next product: value(row, voice) of each of this block's rows of the skip path, rectified.
    template <class Value>
    DEVICE void send_rectified(Value value) {
        for (int i = thread; i < SKIP_WORDS; i += THREADS) {
            float values[EACH];
            for (int j = 0; j < EACH; j++) values[j] = rectified(value(i / VOICES * EACH + j, i % VOICES));
            s.message[i] = pack<HALF>(values);
        }
        sync_block();
        mailbox.send<SKIP_UNITS>(s.message);
    }
    DEVICE void receive_rectified() {
        mailbox.receive<SKIP_UNITS>([&](int from, int index, u32 word) {
            const int k = from * SKIPS + index / VOICES * EACH;
            if (index < SKIP_WORDS && k < SKIP) s.h[place(k, index % VOICES)] = word;
        });
    }
    DEVICE void receive_layer() {
        mailbox.receive<LAYER_UNITS>([&](int from, int index, u32 word) {
            if (index >= 2 * SIDE) return;
            const int side = index / SIDE, k = from * CHANNELS + index % SIDE / VOICES * EACH;
            if (k < WIDTH) (side ? s.x : s.h)[place(k, index % VOICES)] = word;
        });
    }

    // Stage 0: x[0] and h[0].
    DEVICE void first_stage(int t) {
        enter();
        look_down();
        const u32* weights = next_piece();
        sync_block();
        multiply<FIRST_ROWS, WIDTH, FIRST_SPLIT>(weights, s.x, s.partial, 0);
        sync_block();
        gather_parts<FIRST_ROWS, WIDTH, FIRST_SPLIT>(weights, s.partial, s.sums);
        sync_block();
        finish_piece();
        gates(0, s.sums, nullptr);
        for (int i = thread; i < SKIPS * VOICES; i += THREADS)
            s.skip[i] = s.sums[(GATES + i / VOICES) * 8 + i % VOICES] + s.skip_bias[i / VOICES];
        sync_block();
        mailbox.send<LAYER_UNITS>(s.message);
        look_up(1, t);
        look_up_draws(t);
    }

    // Stages 1 to LAYERS: h and x of the next layer, and what layer - 1 gives to the skip path.
    DEVICE void layer_stage(int layer, int t) {
        float* h_sums = s.sums + NOW_TILES * 128;
        receive_layer();
        look_down();
        const u32* weights = next_piece();
        sync_block();
        multiply<GATES, WIDTH, URGENT_SPLIT>(weights, s.x, s.partial, 0);
        multiply<H_ROWS, WIDTH, URGENT_SPLIT>(weights + NOW_WORDS, s.h, s.partial, NOW_TILES * URGENT_SPLIT);
        sync_block();
        gather_parts<GATES, WIDTH, URGENT_SPLIT>(weights, s.partial, s.sums);
        gather_parts<H_ROWS, WIDTH, URGENT_SPLIT>(weights + NOW_WORDS, s.partial + NOW_TILES * URGENT_SPLIT * 128, h_sums);
        sync_block();
        if (layer < LAYERS) gates(layer, s.sums, h_sums);
        for (int i = THREADS - 1 - thread; i < SKIPS * VOICES; i += THREADS)
            s.skip[i] += h_sums[(GATES + CHANNELS + i / VOICES) * 8 + i % VOICES];
        sync_block();
        if (layer == LAYERS) send_rectified([&](int r, int voice) { return s.skip[r * VOICES + voice]; });
        else mailbox.send<LAYER_UNITS>(s.message);
        if (layer + 1 < LAYERS) look_up(layer + 1, t);
        finish_piece();
    }

    // Nobody waits for this: the old taps of a layer, due in d and 2 d samples.
    DEVICE void old_taps(int layer, int t) {
        const u32* weights = next_piece();
        if (OLD_TAPS) multiply<OLD_ROWS, WIDTH, OLD_SPLIT>(weights, s.x, s.partial, 0);
        sync_block();
        gather_parts<OLD_ROWS, WIDTH, OLD_SPLIT>(weights, s.partial, s.sums);
        sync_block();
        finish_piece();
        for (int i = thread; i < GATES * VOICES && OLD_TAPS; i += THREADS) {
            const int voice = i / GATES, gate = i % GATES, d = dilation(layer);
            if (a.slots[row + voice] < 0) continue;
            const u32 age = a.ages[row + voice] + t;
            float* soon = sum_at(layer, voice, age + d) + gate;
            const float one = s.sums[gate * 8 + voice];
            if (TAPS == 3 && age >= (u32)d) add(soon, one); else *soon = one;
            if (TAPS == 3) sum_at(layer, voice, age)[gate] = s.sums[(GATES + gate) * 8 + voice];
        }
    }

    // Stages LAYERS + 1 and + 2: the last two layers.
    DEVICE void last_stages(int t) {
        receive_rectified();
        const u32* weights = next_piece();
        sync_block();
        multiply<SKIPS, SKIP, OUT_SPLIT>(weights, s.h, s.partial, 0);
        sync_block();
        gather_parts<SKIPS, SKIP, OUT_SPLIT>(weights, s.partial, s.sums);
        sync_block();
        send_rectified([&](int r, int voice) { return s.sums[r * 8 + voice] + s.out_condition[r * VOICES + voice]; });
        receive_rectified();
        sync_block();
        multiply<LOGITS, SKIP, LOGIT_SPLIT>(weights + OUT_WORDS, s.h, s.partial, 0);
        sync_block();
        gather_parts<LOGITS, SKIP, LOGIT_SPLIT>(weights + OUT_WORDS, s.partial, s.sums);
        sync_block();
        finish_piece();
        for (int i = thread; i < LOGIT_WORDS; i += THREADS)
            s.message[i] = float_bits(s.sums[i / VOICES * 8 + i % VOICES] + s.logit_bias[i / VOICES]);
        sync_block();
        mailbox.send<LOGIT_UNITS>(s.message);
        look_up(0, t + 1);
        look_up_entry(t + 1);
        mailbox.receive<LOGIT_UNITS>([&](int from, int index, u32 word) {
            const int output = from * LOGITS + index / VOICES;
            if (index < LOGIT_WORDS && output < OUTPUTS) s.outputs[index % VOICES * OUTPUTS + output] = bits_float(word);
        });
        sync_block();
    }

    // A warp a voice; its outputs are its own from here on.
    DEVICE void draw_all(int t) {
#pragma unroll
        for (int i = 0; i < DRAWS; i++) {
            const int voice = thread / 32 + i * WARPS, lane = thread % 32;
            if (voice >= VOICES) continue;
            const long at = (long)(row + voice) * a.samples + t;
            float* outputs = s.outputs + voice * OUTPUTS;
            if (DIRECT && lane < MIXTURE) outputs[MIXTURE + lane] += middles[i];
            sync_warp();
            const float sound = draw(outputs, s.temperature[voice], chances[i]);
            if (lane == 0) {
                float* heard = s.heard + voice * 4;
                for (int tap = 0; tap + 1 < TAPS; tap++) heard[tap] = heard[tap + 1];
                heard[TAPS - 1] = a.forced ? given[i] : sound;
                if (block == 0) a.sounds[at] = sound;
            }
            if (a.scores && block == 0)
                for (int c = lane; c < OUTPUTS; c += 32) a.scores[at * OUTPUTS + c] = outputs[c];
        }
        sync_block();
    }

    DEVICE void end() {
        for (int i = thread; i < VOICES * 4 && block == 0; i += THREADS)
            if (a.slots[row + i / 4] >= 0) a.heard[a.slots[row + i / 4] * 4 + i % 4] = s.heard[i];
    }
};

KERNEL void render(const BY_VALUE Arguments a) {
    unsigned char* memory = shared_memory();
    Shared& s = *(Shared*)memory;
    const int thread = threadIdx.x, group = blockIdx.x / BLOCKS, block = blockIdx.x % BLOCKS;
    Mailbox mailbox = {a, a.mail + group * 2 * BLOCKS * UNITS, block, a.tag, false};
    Stream stream = {a.weights + (long)block * STEP_WORDS, (u32*)(memory + SLOTS_AT), s.arrivals, 0, a.samples * STEP_PIECES};
    Renderer renderer = {a, s, thread, block, a.row + group * VOICES, mailbox, stream, 0};
    renderer.begin();
    for (int t = 0; t < a.samples; t++) {
        renderer.first_stage(t);
        for (int layer = 1; layer <= LAYERS; layer++) {
            renderer.layer_stage(layer, t);
            renderer.old_taps(layer - 1, t);
        }
        renderer.last_stages(t);
        renderer.draw_all(t);
    }
    renderer.end();
}

// One thread: what the host must know (`Sizes` in device.py).
KERNEL void tell(long long* to) {
    const long long all[] = {STEP_WORDS, UNITS, SHARED_BYTES, (long long)sizeof(Arguments), HISTORY_ROWS, BLOCKS, THREADS};
    for (int i = 0; i < 7; i++) to[i] = all[i];
}
