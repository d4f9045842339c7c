// What kernel.cu needs, on a processor: every thread of the grid is a fiber, and a scheduler with a seed runs them one
// at a time in a random order, holding back whole blocks now and then. Wrong answers under some seed are races.
// What it checks beyond values: reads of weights before they have come (they are NaN until a random later moment), of
// shared memory before it is written (NaN at the start), barriers that not all threads reach (deadlock is reported).
// What it cannot show: weak memory order, speed, bank conflicts, registers.
#pragma once
#include <csetjmp>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ucontext.h>
#include <vector>
typedef uint32_t u32;
typedef uint64_t u64;
#define DEVICE inline
#define KERNEL static
#define SIZE constexpr
#define BY_VALUE
constexpr int PATIENCE = 20000;                          // tries to receive a message
constexpr int FETCHERS = ENGINE ? 1 : THREADS;           // threads that must call fetch_words

struct alignas(16) Unit { u32 words[3], tag; };
struct Arrival { u32 phase; int pending; };              // pending: threads whose copies have not come
struct Index { unsigned x; };

namespace emulation {
constexpr int STACK = 32 << 10, WARP = 32;
struct Fiber {
    ucontext_t start;
    jmp_buf state;
    bool begun = false, done = false;
    Index thread, block;
    const volatile u32* waits = nullptr;  // runs again when *waits differs from `value`
    u32 value = 0, warp_calls = 0;
};
struct Barrier { volatile u32 generation = 0; u32 count = 0; };
struct Warp { Barrier barrier; u32 words[2][WARP][16]; };
struct Copy { u32* to; const u32* from; int words, delay; Arrival* arrival; };  // every FETCHERS-th unit of 4 words
struct Block {
    unsigned char* memory;
    Barrier barrier;
    std::vector<Warp> warps;
    std::vector<Copy> copies;
    std::vector<Fiber*> fibers;
    int spread = 64;                     // rounds that a copy may take now
};
inline std::vector<Block> blocks;
inline Fiber* running;
inline jmp_buf scheduler;
inline u64 seed, switches;
inline void (*body)();
inline bool stuck;                       // weights never come, or nobody is ready for them

inline u32 random() { seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17; return (u32)(seed >> 32); }
inline Block& here() { return blocks[running->block.x]; }
inline void yield() { if (!_setjmp(running->state)) _longjmp(scheduler, 1); }
inline void meet(Barrier& barrier, u32 members) {
    const u32 generation = barrier.generation;
    if (++barrier.count == members) { barrier.count = 0, barrier.generation = generation + 1; return; }
    running->waits = &barrier.generation, running->value = generation;
    yield();
}
// All lanes show their words to each other; returns everybody's.
inline u32 (*show(const u32* mine, int count))[16] {
    Warp& warp = here().warps[running->thread.x / WARP];
    auto words = warp.words[running->warp_calls++ & 1];
    memcpy(words[running->thread.x % WARP], mine, count * 4);
    meet(warp.barrier, WARP);
    return words;
}
inline void first_entry() { body(); running->done = true; _longjmp(scheduler, 1); }
inline void move_copies(Block& block) {
    for (size_t i = 0; i < block.copies.size();) {
        Copy& copy = block.copies[i];
        if (copy.delay-- > 0) { i++; continue; }
        for (int at = 0; at < copy.words; at += FETCHERS * 4) memcpy(copy.to + at, copy.from + at, 16);
        if (!--copy.arrival->pending) copy.arrival->pending = FETCHERS, copy.arrival->phase++;
        copy = block.copies.back(), block.copies.pop_back();
    }
}
// false: nothing can go on
inline bool run(int grid, int threads, int bytes, u64 seeded, void (*function)()) {
    seed = seeded * 2654435761u + 88172645463325252ull, body = function, switches = 0, stuck = false;
    blocks = std::vector<Block>(grid);
    std::vector<Fiber> fibers((size_t)grid * threads);
    unsigned char* stacks = (unsigned char*)malloc(fibers.size() * STACK);
    for (int b = 0; b < grid; b++) {
        blocks[b].memory = (unsigned char*)aligned_alloc(128, (bytes + 127) / 128 * 128);
        memset(blocks[b].memory, 255, bytes);
        blocks[b].warps = std::vector<Warp>(threads / WARP);
        for (int t = 0; t < threads; t++) {
            Fiber& fiber = fibers[(size_t)b * threads + t];
            fiber.thread.x = t, fiber.block.x = b;
            blocks[b].fibers.push_back(&fiber);
        }
    }
    size_t left = fibers.size(), idle = 0;
    while (left && idle < 10000 && !stuck) {
        bool moved = false;
        for (Block& block : blocks) {
            move_copies(block);
            if (random() % 8 == 0) block.spread = 1 << random() % 7;
            if (seeded && random() % 4 == 0) { moved = true; continue; }  // this block is held back
            const u32 from = seeded ? random() % threads : 0;
            for (int i = 0; i < threads; i++) {
                Fiber& fiber = *block.fibers[(from + i) % threads];
                if (fiber.done || (fiber.waits && *fiber.waits == fiber.value)) continue;
                fiber.waits = nullptr, running = &fiber, moved = true, switches++;
                if (!_setjmp(scheduler)) {
                    if (fiber.begun) _longjmp(fiber.state, 1);
                    fiber.begun = true;
                    getcontext(&fiber.start);
                    fiber.start.uc_stack.ss_sp = stacks + (&fiber - fibers.data()) * STACK;
                    fiber.start.uc_stack.ss_size = STACK;
                    makecontext(&fiber.start, first_entry, 0);
                    setcontext(&fiber.start);
                }
                left -= fiber.done;
            }
            moved |= !block.copies.empty();
        }
        idle = moved ? 0 : idle + 1;
    }
    for (Block& block : blocks) free(block.memory);
    free(stacks);
    return left == 0;
}
}  // namespace emulation

#define threadIdx (emulation::running->thread)
#define blockIdx (emulation::running->block)
inline unsigned char* shared_memory() { return emulation::here().memory; }
inline void sync_block() { emulation::meet(emulation::here().barrier, emulation::here().fibers.size()); }
inline void sync_warp() { u32 nothing = 0; emulation::show(&nothing, 1); }
inline void pause() { emulation::yield(); }
inline Unit load_unit(const Unit* from) { return *from; }
inline void store_unit(Unit* to, Unit unit) { *to = unit; if (emulation::random() % 4 == 0) emulation::yield(); }
inline float load_fresh(const float* from) { return *from; }
inline void add(float* to, float value) { *to += value; }
template <int COUNT> inline void load_words(u32* to, const u32* from) { memcpy(to, from, COUNT * 4); }
inline void arrival_init(Arrival& arrival) { arrival = {0, FETCHERS}; }
inline void arrivals_ready() {}
inline void fetch_words(Arrival& arrival, u32* to, const u32* from, int words) {
    const int first = FETCHERS > 1 ? threadIdx.x * 4 : 0, delay = emulation::random() % emulation::here().spread;
    emulation::stuck |= arrival.pending < 1 || arrival.pending > FETCHERS;
    for (int at = first; at < words; at += FETCHERS * 4) memset(to + at, 255, 16);
    emulation::here().copies.push_back({to + first, from + first, words - first, delay, &arrival});
    if (emulation::random() % 4 == 0) emulation::yield();
}
inline void wait_words(Arrival& arrival, int parity) {
    for (int tries = 0; int(arrival.phase & 1) == parity; tries++) emulation::stuck |= tries > PATIENCE, emulation::yield();
}
inline float exponential(float x) { return expf(x); }
inline float quotient(float a, float b) { return a / b; }
inline float logarithm(float x) { return logf(x); }
inline float clipped(float x, float low, float high) { return fminf(fmaxf(x, low), high); }
inline float rectified(float x) { return x > 0 ? x : 0; }
inline u32 float_bits(float x) { u32 bits; memcpy(&bits, &x, 4); return bits; }
inline float bits_float(u32 x) { float value; memcpy(&value, &x, 4); return value; }
template <int HALVES> inline u32 pack(const float* values) {
    if (!HALVES) return float_bits(values[0]);
    _Float16 two[2] = {(_Float16)values[0], (_Float16)values[HALVES]};
    u32 word;
    memcpy(&word, two, 4);
    return word;
}
inline float shuffle(float x, int from) { u32 bits = float_bits(x); return bits_float(emulation::show(&bits, 1)[from][0]); }
inline int shuffle_int(int x, int from) { u32 bits = x; return emulation::show(&bits, 1)[from][0]; }
inline float shuffle_xor(float x, int by) { return shuffle(x, threadIdx.x % 32 ^ by); }
inline float shuffle_up(float x, int by) { int lane = threadIdx.x % 32; return shuffle(x, lane >= by ? lane - by : lane); }
inline u32 votes(bool yes) {
    u32 bit = yes, all = 0;
    auto words = emulation::show(&bit, 1);
    for (int lane = 0; lane < 32; lane++) all |= words[lane][0] << lane;
    return all;
}
inline int first_bit(u32 x) { return __builtin_ctz(x); }
inline void widen(u32* to, u32 bytes) {
    for (int i = 0; i < 4; i++) ((_Float16*)to)[i] = (_Float16)(int(bytes >> 8 * i & 255) - 128);
}
template <int HALVES> inline float element(const u32* words, int i) {
    if (!HALVES) return bits_float(words[i]);
    _Float16 value;
    memcpy(&value, (const char*)words + i * 2, 2);
    return value;
}
template <int HALVES> inline void multiply_tile(float* sum, const u32* a, const u32* b) {
    constexpr int A = HALVES ? 4 : 8, B = HALVES ? 2 : 4;
    u32 mine[A + B];
    memcpy(mine, a, A * 4), memcpy(mine + A, b, B * 4);
    auto words = emulation::show(mine, A + B);
    const int lane = threadIdx.x % 32;
    for (int i = 0; i < 4; i++) {
        const int column = lane % 4 * 2 + i % 2;
        for (int k = 0; k < 16; k++) {
            const int owner = k % 8 / 2;
            sum[i] += element<HALVES>(words[lane / 4 * 4 + owner], k / 8 * 4 + i / 2 * 2 + k % 2)
                    * element<HALVES>(words[column * 4 + owner] + A, k / 8 * 2 + k % 2);
        }
    }
}
