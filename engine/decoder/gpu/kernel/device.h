// What the kernel needs of a GPU, sm_80 or later. No headers of others: NVRTC compiles it as it is.
#pragma once
typedef unsigned int u32;
typedef unsigned long long u64;
#define DEVICE __device__ __forceinline__
#define SIZE __host__ __device__ constexpr
#define BY_VALUE __grid_constant__
#define KERNEL extern "C" __global__ __launch_bounds__(THREADS, RESIDENT)
constexpr int PATIENCE = 1 << 20;                          // tries to receive a message, about a second: a watchdog may allow two

struct alignas(16) Unit { u32 words[3], tag; };
struct alignas(8) Arrival { u64 state; };

DEVICE unsigned char* shared_memory() {
    extern __shared__ __align__(128) unsigned char memory[];
    return memory;
}
DEVICE u32 shared_address(const void* p) { return (u32)__cvta_generic_to_shared(p); }
DEVICE void sync_block() { __syncthreads(); }
DEVICE void sync_warp() { __syncwarp(); }
DEVICE void pause() {}

// 16 bytes in one piece (PTX: .b128 accesses are atomic): the words are there as soon as the tag is.
DEVICE Unit load_unit(const Unit* from) {
    u64 low, high;
    asm volatile("{.reg .b128 v; ld.relaxed.gpu.global.b128 v, [%2]; mov.b128 {%0, %1}, v;}" : "=l"(low), "=l"(high) : "l"(from) : "memory");
    return {{(u32)low, (u32)(low >> 32), (u32)high}, (u32)(high >> 32)};
}
DEVICE void store_unit(Unit* to, Unit unit) {
    const u64 low = unit.words[0] | (u64)unit.words[1] << 32, high = unit.words[2] | (u64)unit.tag << 32;
    asm volatile("{.reg .b128 v; mov.b128 v, {%1, %2}; st.relaxed.gpu.global.b128 [%0], v;}" ::"l"(to), "l"(low), "l"(high) : "memory");
}
DEVICE float load_fresh(const float* from) { return __ldcg(from); }  // not from L1: sums are added to in L2
DEVICE void add(float* to, float value) { atomicAdd(to, value); }

template <int COUNT>
DEVICE void load_words(u32* to, const u32* from) {
#pragma unroll
    for (int i = 0; i < COUNT; i += 4) {
        if constexpr (COUNT % 4 == 0) {
            const uint4 v = *(const uint4*)(from + i);
            to[i] = v.x, to[i + 1] = v.y, to[i + 2] = v.z, to[i + 3] = v.w;
        } else if constexpr (COUNT == 2) {
            const uint2 v = *(const uint2*)from;
            to[0] = v.x, to[1] = v.y;
        } else {
            to[0] = *from;
        }
    }
}

// Weights are brought to shared memory, and an mbarrier says when they are there. Before sm_90 (or where ENGINE is 0) every
// thread copies units of 16 bytes and arrives when all of its own have; from sm_90 the copy engine takes a piece at once.
#if ENGINE && __CUDA_ARCH__ >= 900
constexpr int FETCHERS = 1;                                // threads that must call fetch_words
DEVICE void arrivals_ready() { asm volatile("fence.proxy.async.shared::cta;" ::: "memory"); }
DEVICE void fetch_words(Arrival& arrival, u32* to, const u32* from, int words) {
    const u32 at = shared_address(&arrival);
    asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(at), "r"(words * 4) : "memory");
    asm volatile("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];" ::"r"(shared_address(to)),
                 "l"(from), "r"(words * 4), "r"(at) : "memory");
}
#define WAIT "mbarrier.try_wait.parity.shared::cta.b64"
#else
constexpr int FETCHERS = THREADS;
DEVICE void arrivals_ready() {}
DEVICE void fetch_words(Arrival& arrival, u32* to, const u32* from, int words) {
    for (int i = threadIdx.x * 4; i < words; i += THREADS * 4)
        asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(shared_address(to + i)), "l"(from + i) : "memory");
    asm volatile("cp.async.mbarrier.arrive.noinc.shared::cta.b64 [%0];" ::"r"(shared_address(&arrival)) : "memory");
}
#define WAIT "mbarrier.test_wait.parity.shared::cta.b64"
#endif
DEVICE void arrival_init(Arrival& arrival) {
    asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(shared_address(&arrival)), "r"(FETCHERS) : "memory");
}
DEVICE void wait_words(Arrival& arrival, int parity) {
    asm volatile("{.reg .pred p; again: " WAIT " p, [%0], %1; @!p bra again;}" ::"r"(shared_address(&arrival)), "r"(parity) : "memory");
}

// Four bytes, each 128 more than its number -> four halves: a byte under 0x64 is the half 1024 + byte.
DEVICE void widen(u32* to, u32 bytes) {
    const u32 low = __byte_perm(bytes, 0x64646464, 0x4140), high = __byte_perm(bytes, 0x64646464, 0x4342);
    asm("sub.f16x2 %0, %1, %2;" : "=r"(to[0]) : "r"(low), "r"(0x64806480));
    asm("sub.f16x2 %0, %1, %2;" : "=r"(to[1]) : "r"(high), "r"(0x64806480));
}

DEVICE float exponential(float x) { return __expf(x); }
DEVICE float quotient(float a, float b) { return __fdividef(a, b); }
DEVICE float logarithm(float x) { return logf(x); }
DEVICE float rectified(float x) { return x > 0 ? x : 0; }
DEVICE float clipped(float x, float low, float high) { return fminf(fmaxf(x, low), high); }
DEVICE u32 float_bits(float x) { return __float_as_uint(x); }
DEVICE float bits_float(u32 x) { return __uint_as_float(x); }
template <int HALVES>
DEVICE u32 pack(const float* values) {
    if constexpr (HALVES) {
        u32 word;
        asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(word) : "f"(values[1]), "f"(values[0]));
        return word;
    } else {
        return __float_as_uint(values[0]);
    }
}

DEVICE float shuffle_xor(float x, int by) { return __shfl_xor_sync(~0u, x, by); }
DEVICE float shuffle_up(float x, int by) { return __shfl_up_sync(~0u, x, by); }
DEVICE float shuffle(float x, int from) { return __shfl_sync(~0u, x, from); }
DEVICE int shuffle_int(int x, int from) { return __shfl_sync(~0u, x, from); }
DEVICE u32 votes(bool yes) { return __ballot_sync(~0u, yes); }
DEVICE int first_bit(u32 x) { return __ffs(x) - 1; }

// sum (16 x 8) += a (16 x 16) * b (16 x 8), spread over the warp as mma.m16n8k16 has it.
template <int HALVES>
DEVICE void multiply_tile(float* sum, const u32* a, const u32* b) {
    if constexpr (HALVES) {
        asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
                     : "+f"(sum[0]), "+f"(sum[1]), "+f"(sum[2]), "+f"(sum[3])
                     : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
    } else {                                               // float32 by shuffles: for checks only
        const int lane = threadIdx.x % 32;
#pragma unroll
        for (int k = 0; k < 16; k++) {
            const int owner = k % 8 / 2, column = lane % 4 * 2;
#pragma unroll
            for (int i = 0; i < 4; i++) {
                const float left = __uint_as_float(__shfl_sync(~0u, a[k / 8 * 4 + i / 2 * 2 + k % 2], lane / 4 * 4 + owner));
                sum[i] += left * __uint_as_float(__shfl_sync(~0u, b[k / 8 * 2 + k % 2], (column + i % 2) * 4 + owner));
            }
        }
    }
}
