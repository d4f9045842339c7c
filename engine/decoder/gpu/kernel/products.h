// Products of a tile of rows with the operands of all voices, by tensor cores; several warps share a tile's inputs.
#pragma once

// Word of an operand that holds input k of a voice: as the tensor core's second factor wants it, 4 elements a lane.
DEVICE int place(int k, int voice) {
    int in = k % 16;
    return (k / 16 * 128 + (voice * 4 + in % 8 / 2) * 4 + in / 8 * 2 + in % 2) / EACH;
}

// Words of weights as the tensor core wants them; bytes become halves.
template <int COUNT, int STORED>
DEVICE void load_weights(u32* to, const u32* from) {
    if constexpr (COUNT == STORED) {
        load_words<COUNT>(to, from);
    } else {
        u32 stored[STORED];
        load_words<STORED>(stored, from);
        for (int i = 0; i < STORED; i++) widen(to + 2 * i, stored[i]);
    }
}

// partial[job] = tile * operand over a slice of the inputs, for a matrix of so many rows.
// Jobs count from `first`, so that calls share the warps.
template <int ROWS, int INPUTS, int PARTS>
DEVICE void multiply(const u32* weights, const u32* operand, float* partial, int first) {
    constexpr int TILES = up(ROWS, 16), STEPS = INPUTS / 16 / PARTS, A = 8 / EACH, B = 4 / EACH, W = 8 / PACKED;
    constexpr bool ODD = rows8(ROWS) % 16 != 0;            // the last tile has 8 rows
    const int lane = threadIdx.x % 32;
    if (!PRODUCTS) return;
    for (int job = threadIdx.x / 32; job < first + TILES * PARTS; job += WARPS) {
        if (job < first) continue;
        const int tile = (job - first) / PARTS, begin = (job - first) % PARTS * STEPS;
        const bool small = ODD && tile == TILES - 1;
        const u32* factors = weights + tile * (INPUTS / 16) * 32 * W;
        float sum[4] = {0, 0, 0, 0};
#pragma unroll 4
        for (int step = begin; step < begin + STEPS; step++) {
            u32 a[A], b[B];
            load_words<B>(b, operand + (step * 32 + lane) * B);
            if (small) {
                u32 rows[A / 2];
                load_weights<A / 2, W / 2>(rows, factors + (step * 32 + lane) * (W / 2));
                for (int i = 0; i < A; i++) a[i] = i / (A / 4) % 2 ? 0 : rows[i / (A / 2) * (A / 4) + i % (A / 4)];
            } else {
                load_weights<A, W>(a, factors + (step * 32 + lane) * W);
            }
            multiply_tile<HALF>(sum, a, b);
        }
        float* to = partial + job * 128 + lane / 4 * 8 + lane % 4 * 2;
        to[0] = sum[0], to[1] = sum[1], to[64] = sum[2], to[65] = sum[3];
    }
}

// sums = the parts of each tile together, times the scales of its rows.
template <int ROWS, int INPUTS, int PARTS>
DEVICE void gather_parts(const u32* weights, const float* partial, float* sums) {
    const float* scales = (const float*)(weights + rows8(ROWS) * INPUTS / PACKED);
    for (int i = threadIdx.x; i < up(ROWS, 16) * 128; i += THREADS) {
        const float* from = partial + i / 128 * PARTS * 128 + i % 128;
        float sum = 0;
#pragma unroll
        for (int part = 0; part < PARTS; part++) sum += from[part * 128];
        sums[i] = !BYTES ? sum : i / 8 < rows8(ROWS) ? sum * scales[i / 8] : 0;
    }
}
