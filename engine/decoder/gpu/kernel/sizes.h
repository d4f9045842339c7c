// Sizes of everything, from the -D options that shapes.py makes; what a launch is given, what a block keeps at hand.
#pragma once

constexpr int CLASSES = 256, LANES = 8;                    // LANES: columns of a tensor core's tile, one a voice
constexpr int OUTPUTS = MIXTURE ? 3 * MIXTURE : CLASSES;
constexpr int EACH = HALF ? 2 : 1;                         // elements in a 32-bit word
constexpr int PACKED = BYTES ? 4 : EACH;                   // weights in one
constexpr int WARPS = THREADS / 32;
#ifndef WITHOUT                  // to find where time goes, parts can be left out; the sound is nonsense then
#define WITHOUT 0
#endif
constexpr bool WEIGHTS = !(WITHOUT & 1), PRODUCTS = !(WITHOUT & 2), WAITING = !(WITHOUT & 4), OLD_TAPS = !(WITHOUT & 8);

SIZE int up(int n, int unit) { return (n + unit - 1) / unit; }
SIZE int rows8(int rows) { return up(rows, 8) * 8; }
SIZE int largest(int a, int b) { return a > b ? a : b; }
SIZE int tile_words(int rows, int inputs) { return rows8(rows) * inputs / PACKED + (BYTES ? rows8(rows) : 0); }
SIZE int dealt(int rows, int unit) { return up(rows, BLOCKS * unit) * unit; }
constexpr int CHANNELS = dealt(WIDTH, EACH), GATES = 2 * CHANNELS, SKIPS = dealt(SKIP, EACH), LOGITS = dealt(OUTPUTS, 1);

// Weights come in pieces. First: now | skip_start. A layer: urgent (now; fused | res | skip), old (one ago | two ago).
// Last: out1; logits. Two pieces share a slot: first or old in front, urgent or last behind.
constexpr int H_ROWS = GATES + CHANNELS + SKIPS, OLD_ROWS = (TAPS - 1) * GATES, FIRST_ROWS = GATES + SKIPS;
constexpr int NOW_WORDS = tile_words(GATES, WIDTH), URGENT_WORDS = NOW_WORDS + tile_words(H_ROWS, WIDTH);
constexpr int OLD_WORDS = tile_words(OLD_ROWS, WIDTH), FIRST_WORDS = tile_words(FIRST_ROWS, WIDTH);
constexpr int OUT_WORDS = tile_words(SKIPS, SKIP), LAST_WORDS = OUT_WORDS + tile_words(LOGITS, SKIP);
constexpr int LAYER_WORDS = URGENT_WORDS + OLD_WORDS, STEP_WORDS = FIRST_WORDS + LAYERS * LAYER_WORDS + LAST_WORDS;
constexpr int STEP_STAGES = LAYERS + 3, STEP_PIECES = 2 * LAYERS + 2;
constexpr int FRONT_WORDS = largest(FIRST_WORDS, OLD_WORDS), SLOT_WORDS = FRONT_WORDS + largest(URGENT_WORDS, LAST_WORDS);

// Tiles of 16 rows, and the warps that share the inputs of one.
constexpr int NOW_TILES = up(GATES, 16), OLD_TILES = up(OLD_ROWS, 16), H_TILES = up(H_ROWS, 16);
constexpr int FIRST_TILES = up(FIRST_ROWS, 16), OUT_TILES = up(SKIPS, 16), LOGIT_TILES = up(LOGITS, 16);
SIZE int split(int tiles, int inputs) {
    int parts = 1;
    while (tiles * parts * 2 <= WARPS && inputs / 16 % (parts * 2) == 0) parts *= 2;
    return parts;
}
constexpr int URGENT_SPLIT = split(NOW_TILES + H_TILES, WIDTH), OLD_SPLIT = split(OLD_TILES, WIDTH);
constexpr int FIRST_SPLIT = split(FIRST_TILES, WIDTH), OUT_SPLIT = split(OUT_TILES, SKIP), LOGIT_SPLIT = split(LOGIT_TILES, SKIP);
constexpr int JOBS = largest(largest((NOW_TILES + H_TILES) * URGENT_SPLIT, OLD_TILES * OLD_SPLIT),
                             largest(FIRST_TILES * FIRST_SPLIT, largest(OUT_TILES * OUT_SPLIT, LOGIT_TILES * LOGIT_SPLIT)));
constexpr int TILES = largest(largest(NOW_TILES + H_TILES, OLD_TILES), largest(FIRST_TILES, largest(OUT_TILES, LOGIT_TILES)));

// Messages: words of 32 bits, three and a tag to the unit of 16 bytes.
constexpr int SIDE = CHANNELS / EACH * VOICES;             // words of h, and of x
constexpr int SKIP_WORDS = SKIPS / EACH * VOICES, LOGIT_WORDS = LOGITS * VOICES;
constexpr int LAYER_UNITS = up(2 * SIDE, 3), SKIP_UNITS = up(SKIP_WORDS, 3), LOGIT_UNITS = up(LOGIT_WORDS, 3);
constexpr int UNITS = largest(LAYER_UNITS, largest(SKIP_UNITS, LOGIT_UNITS));

// Sums of old taps: a layer keeps as many as samples pass until the oldest tap is due.
DEVICE int dilation(int layer) { return 1 << layer % STAGES; }
DEVICE int ring(int layer) { return (TAPS - 1) * dilation(layer); }
DEVICE long ring_start(int layer) { return (TAPS - 1) * (layer / STAGES * ((1 << STAGES) - 1) + dilation(layer) - 1); }
constexpr long HISTORY_ROWS = (TAPS - 1) * (LAYERS / STAGES * ((1 << STAGES) - 1) + (1 << LAYERS % STAGES) - 1);

// As in device.py. Rows are voices of a call; those of this launch begin with `row`.
struct Arguments {
    const u32* weights;          // (BLOCKS, STEP_WORDS)
    const float* start;          // (TAPS + 1, WIDTH): taps, oldest first, and the bias
    const float* res_bias;       // (LAYERS, BLOCKS, CHANNELS)
    const float* skip_bias;      // (BLOCKS, SKIPS)
    const float* logit_bias;     // (BLOCKS, LOGITS)
    const float* condition;      // (rows, ticks, LAYERS, BLOCKS, GATES), with all biases of the gates
    const float* out_condition;  // (rows, ticks, BLOCKS, SKIPS), likewise
    const int* slots;            // (rows): whose history; -1: nobody's
    const u32* ages;             // (rows): samples since the reset
    const float* temperature;    // (rows)
    const float* uniforms;       // (rows, samples)
    const float* entry;          // (rows, samples, WIDTH): enters x[0] instead of the bias, where ENTRY
    const float* middle;         // (rows, samples): of the mixture, where DIRECT
    const float* forced;         // (rows, samples): heard instead of what is drawn; or null
    float* heard;                // (slots, 4)
    float* history;              // (slots, HISTORY_ROWS, BLOCKS, GATES)
    Unit* mail;                  // (groups, 2, BLOCKS, UNITS)
    float* sounds;               // (rows, samples): drawn, as the network hears it
    float* scores;               // (rows, samples, OUTPUTS); or null
    int* failed;                 // set where a block waited in vain
    u32 tag;                     // of the first message of this launch; never reused while old messages lie about
    int samples, ticks, row;
};

struct Shared {                  // followed by the slots of weights
    Arrival arrivals[2 * SLOTS];
    u32 x[WIDTH * LANES / EACH], h[largest(WIDTH, SKIP) * LANES / EACH];  // operands, in the order of `place`
    union {
        float partial[JOBS * 128];
        float outputs[VOICES * OUTPUTS];                   // after the last product
    };
    float sums[TILES * 128];
    float before[GATES * VOICES];                          // what conditions and old taps give this layer
    float out_condition[SKIPS * VOICES];
    float res_bias[LAYERS * CHANNELS], skip_bias[SKIPS], logit_bias[LOGITS];
    float start[(TAPS + 1) * WIDTH], stream[CHANNELS * VOICES], skip[SKIPS * VOICES];
    float heard[VOICES * 4], temperature[VOICES];
    u32 message[UNITS * 3];
};
constexpr int SLOTS_AT = up(sizeof(Shared), 128) * 128;
constexpr int SHARED_BYTES = SLOTS_AT + SLOTS * SLOT_WORDS * 4;
