// A stand-in for libcuda that pretends to be nine GPUs. Calls are checked as strictly as a driver would, or more so: a
// handle that was not given out, a context that is not this thread's, memory beyond a buffer are refused.
//
// A "cubin" is the path of a shared library with a kernel that runs on a processor:
//   int render_emulated(const void* arguments, int groups, unsigned long long seed), 0 where it never ends
//   void sizes(long long*): what the kernel `tell` tells; int registers: a thread, where there is such a symbol
#include <dlfcn.h>
#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <map>
#include <set>
#include <string>
#if __has_include(<cuda.h>)
#include <cuda.h>  // the compiler compares what follows with the driver's own declarations
#undef cuEventElapsedTime  // which has another name for programs that are compiled with it
static_assert(CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_BLOCK == 12 && CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT == 16 &&
              CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE == 38 && CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR == 75 &&
              CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR == 76 && CU_DEVICE_ATTRIBUTE_COOPERATIVE_LAUNCH == 95 &&
              CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN == 97 &&
              CU_DEVICE_ATTRIBUTE_MAX_PERSISTING_L2_CACHE_SIZE == 108 &&
              CU_DEVICE_ATTRIBUTE_MAX_ACCESS_POLICY_WINDOW_SIZE == 109, "attributes");
static_assert(CU_FUNC_ATTRIBUTE_NUM_REGS == 4 && CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES == 8 &&
              CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT == 9 &&
              CU_LIMIT_PERSISTING_L2_CACHE_SIZE == 6 && CU_STREAM_ATTRIBUTE_ACCESS_POLICY_WINDOW == 1 &&
              CU_ACCESS_PROPERTY_STREAMING == 1 && CU_ACCESS_PROPERTY_PERSISTING == 2 && CU_EVENT_BLOCKING_SYNC == 1 &&
              CUDA_ERROR_LAUNCH_FAILED == 719 && CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE == 720, "numbers");
static_assert(sizeof(CUstreamAttrValue) == 64 && offsetof(CUaccessPolicyWindow, hitRatio) == 16 &&
              offsetof(CUaccessPolicyWindow, missProp) == 24, "layout");
#else
typedef int CUresult, CUdevice, CUdevice_attribute, CUfunction_attribute, CUlimit, CUstreamAttrID;
typedef struct Context* CUcontext;
typedef struct Module* CUmodule;
typedef struct Function* CUfunction;
typedef struct Stream* CUstream;
typedef struct Event* CUevent;
typedef unsigned long long CUdeviceptr;
struct CUaccessPolicyWindow { void* base_ptr; size_t num_bytes; float hitRatio; int hitProp, missProp; };
union CUstreamAttrValue { char pad[64]; CUaccessPolicyWindow accessPolicyWindow; };
#endif

enum { OK, INVALID = 1, OUT_OF_MEMORY = 2, NO_DEVICE = 100, INVALID_DEVICE = 101, NO_BINARY = 200, NO_CONTEXT = 201,
       NOT_FOUND = 500, FAILED = 719, TOO_LARGE = 720 };

struct Gpu { const char* name; int multiprocessors, major, minor, shared, cache, persisting; size_t memory; };
static const Gpu GPUS[] = {
    {"NVIDIA GeForce RTX 3060", 28, 8, 6, 99, 3, 2, 12}, {"NVIDIA GeForce RTX 3080", 68, 8, 6, 99, 5, 3, 10},
    {"NVIDIA GeForce RTX 3090", 82, 8, 6, 99, 6, 4, 24}, {"NVIDIA GeForce RTX 4070", 46, 8, 9, 99, 36, 24, 12},
    {"NVIDIA GeForce RTX 4080", 76, 8, 9, 99, 64, 44, 16}, {"NVIDIA GeForce RTX 4090", 128, 8, 9, 99, 72, 49, 24},
    {"NVIDIA GeForce RTX 5090", 170, 12, 0, 99, 96, 72, 32}, {"NVIDIA A100-SXM4-80GB", 108, 8, 0, 163, 40, 30, 80},
    {"NVIDIA H100 80GB HBM3", 132, 9, 0, 227, 50, 31, 80},
};
static const int COUNT = sizeof GPUS / sizeof *GPUS, REGISTERS = 65536, SHARED_OF_THE_SYSTEM = 1024;

struct Kernel;
struct Entry { Kernel* kernel; bool renders; };
struct Kernel {
    void* library;
    Entry render_entry{this, true}, tell_entry{this, false};
    int (*render)(const void*, int, unsigned long long);
    void (*tell)(long long*);
    int registers, allowed;
    long long blocks, threads, shared;

    explicit Kernel(void* library) : library(library), registers(128), allowed(48 << 10) {
        render = (int (*)(const void*, int, unsigned long long))dlsym(library, "render_emulated");
        tell = (void (*)(long long*))dlsym(library, "sizes");
        if (const int* known = (const int*)dlsym(library, "registers")) registers = *known;
        long long told[7];
        tell(told), shared = told[2], blocks = told[5], threads = told[6];
    }
    ~Kernel() { dlclose(library); }
};

static bool ready;
static int shown = COUNT, version = 13000, cooperative = 1;
static std::map<std::string, int> refusals;  // call -> status that it answers from now on
static std::map<CUdeviceptr, size_t> memory;
static std::set<void*> streams, events, recorded;
static std::set<Kernel*> kernels;
static int context_of = -1, retained, context_place, launches;
static int broken;  // what a failed launch leaves behind: from then on every call in this context says so
static size_t set_aside;
static CUaccessPolicyWindow window;
static thread_local CUcontext current;

static const CUcontext CONTEXT = (CUcontext)&context_place;
static Kernel* kernel_of(CUfunction function, bool renders) {
    const Entry* entry = (const Entry*)function;
    for (Kernel* kernel : kernels)
        if (entry == (renders ? &kernel->render_entry : &kernel->tell_entry)) return kernel;
    return nullptr;
}
static const Gpu& gpu() { return GPUS[context_of]; }
static int refused(const char* call) { return refusals.count(call) ? refusals[call] : OK; }
static int within(CUdeviceptr address, size_t size) { return memory.count(address) && size <= memory[address]; }

#define CALL(...) \
    if (int status = refused(__func__)) return CUresult(status); \
    if (!ready) return CUresult(3);
#define CALL_IN_CONTEXT \
    CALL() if (!retained || current != CONTEXT) return CUresult(NO_CONTEXT); \
    if (broken) return CUresult(broken);
static void forget() {  // with its context
    for (auto [address, size] : memory) free((void*)address);
    for (Kernel* kernel : kernels) delete kernel;
    memory.clear(), streams.clear(), events.clear(), kernels.clear(), broken = OK;
}
#define RETURN(condition) return CUresult((condition) ? OK : INVALID)

static int resident(const Kernel& k, int threads, int shared) {
    if (shared > gpu().shared << 10 || k.registers * threads > REGISTERS) return 0;
    int by_memory = ((gpu().shared << 10) + SHARED_OF_THE_SYSTEM) / (shared + SHARED_OF_THE_SYSTEM);
    return std::min(by_memory, REGISTERS / (k.registers * threads));
}

extern "C" {
// -- what tests ask and order

void stand_in_reset() { shown = COUNT, version = 13000, cooperative = 1, launches = 0, refusals.clear(), set_aside = 0, window = {}; }
void stand_in_refuse(const char* call, int status) { refusals[call] = status; }
void stand_in_show(int count) { shown = count; }
void stand_in_version(int number) { version = number; }
void stand_in_without_cooperation() { cooperative = 0; }
int stand_in_launches() { return launches; }
int stand_in_left() { return memory.size() + streams.size() + events.size() + kernels.size() + retained; }
size_t stand_in_held(CUdeviceptr* base, float* share) { return *base = (CUdeviceptr)window.base_ptr, *share = window.hitRatio, set_aside; }

// -- the driver

CUresult cuGetErrorString(CUresult status, const char** text) {
    static const std::map<int, const char*> TEXTS = {
        {OUT_OF_MEMORY, "out of memory"}, {NO_DEVICE, "no CUDA-capable device is detected"}, {NO_CONTEXT, "invalid device context"},
        {FAILED, "unspecified launch failure"}, {TOO_LARGE, "too many blocks in cooperative launch"},
        {803, "system has unsupported display driver / cuda driver combination"}};
    auto found = TEXTS.find(status);
    *text = found == TEXTS.end() ? nullptr : found->second;
    return CUresult(*text ? OK : INVALID);
}
CUresult cuInit(unsigned flags) {
    if (int status = refused(__func__)) return CUresult(status);
    ready = true;
    return CUresult(flags ? INVALID : shown ? OK : NO_DEVICE);
}
CUresult cuDriverGetVersion(int* number) { CALL() return *number = version, CUresult(OK); }
CUresult cuDeviceGetCount(int* count) { CALL() return *count = shown, CUresult(OK); }
CUresult cuDeviceGet(CUdevice* device, int number) { CALL() *device = number; return CUresult(number < shown ? OK : INVALID_DEVICE); }
CUresult cuDeviceGetName(char* name, int size, CUdevice device) {
    CALL() if (device >= shown) return CUresult(INVALID_DEVICE);
    strncpy(name, GPUS[device].name, size);
    return CUresult(OK);
}
CUresult cuDeviceTotalMem_v2(size_t* size, CUdevice device) { CALL() *size = GPUS[device].memory << 30; RETURN(device < shown); }
CUresult cuDeviceGetAttribute(int* value, CUdevice_attribute what, CUdevice device) {
    CALL() const Gpu& g = GPUS[device];
    const std::map<int, int> values = {{12, REGISTERS}, {16, g.multiprocessors}, {38, g.cache << 20}, {75, g.major}, {76, g.minor},
        {95, cooperative}, {97, g.shared << 10}, {108, g.persisting << 20}, {109, 128 << 20}};
    auto found = values.find(what);
    if (device >= shown || found == values.end()) return CUresult(INVALID);
    *value = found->second;
    return CUresult(OK);
}
CUresult cuDevicePrimaryCtxRetain(CUcontext* context, CUdevice device) {
    CALL() if (device >= shown || (retained && context_of != device)) return CUresult(INVALID_DEVICE);
    retained++, context_of = device, *context = CONTEXT;
    return CUresult(OK);
}
CUresult cuDevicePrimaryCtxRelease_v2(CUdevice device) {
    CALL() if (!retained || device != context_of) return CUresult(NO_CONTEXT);
    if (!--retained && broken) forget();
    return CUresult(OK);
}
CUresult cuCtxSetCurrent(CUcontext context) { CALL() current = context; RETURN(context == CONTEXT); }
CUresult cuCtxSetLimit(CUlimit what, size_t value) {
    CALL_IN_CONTEXT if (what != 6 || value > size_t(gpu().persisting) << 20) return CUresult(INVALID);
    set_aside = value;
    return CUresult(OK);
}
CUresult cuModuleLoadData(CUmodule* module, const void* image) {
    CALL_IN_CONTEXT void* library = dlopen((const char*)image, RTLD_NOW | RTLD_LOCAL);
    if (!library) return CUresult(NO_BINARY);
    *module = (CUmodule)*kernels.insert(new Kernel(library)).first;
    return CUresult(OK);
}
CUresult cuModuleUnload(CUmodule module) {
    CALL_IN_CONTEXT if (!kernels.erase((Kernel*)module)) return CUresult(INVALID);
    delete (Kernel*)module;
    return CUresult(OK);
}
CUresult cuModuleGetFunction(CUfunction* function, CUmodule module, const char* name) {
    CALL_IN_CONTEXT Kernel* kernel = (Kernel*)module;
    if (!kernels.count(kernel)) return CUresult(INVALID);
    Entry* entry = !strcmp(name, "render") ? &kernel->render_entry : !strcmp(name, "tell") ? &kernel->tell_entry : nullptr;
    *function = (CUfunction)entry;
    return CUresult(*function ? OK : NOT_FOUND);
}
CUresult cuFuncSetAttribute(CUfunction function, CUfunction_attribute what, int value) {
    CALL_IN_CONTEXT Kernel* kernel = kernel_of(function, true);
    if (kernel && what == 9) return CUresult(value >= -1 && value <= 100 ? OK : INVALID);
    if (!kernel || what != 8 || value > gpu().shared << 10) return CUresult(INVALID);
    kernel->allowed = value;
    return CUresult(OK);
}
CUresult cuFuncGetAttribute(int* value, CUfunction_attribute what, CUfunction function) {
    CALL_IN_CONTEXT Kernel* kernel = kernel_of(function, true);
    if (!kernel || what != 4) return CUresult(INVALID);
    *value = kernel->registers;
    return CUresult(OK);
}
CUresult cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, CUfunction function, int threads, size_t shared) {
    CALL_IN_CONTEXT Kernel* kernel = kernel_of(function, true);
    if (!kernel || threads != kernel->threads || int(shared) > kernel->allowed) return CUresult(INVALID);
    *blocks = resident(*kernel, threads, shared);
    return CUresult(OK);
}
CUresult cuStreamCreate(CUstream* stream, unsigned) { CALL_IN_CONTEXT *stream = (CUstream)malloc(1); streams.insert(*stream); return CUresult(OK); }
CUresult cuStreamDestroy_v2(CUstream stream) { CALL_IN_CONTEXT RETURN(streams.erase(stream)); }
CUresult cuStreamSynchronize(CUstream stream) { CALL_IN_CONTEXT RETURN(streams.count(stream)); }
CUresult cuStreamSetAttribute(CUstream stream, CUstreamAttrID what, const CUstreamAttrValue* value) {
    CALL_IN_CONTEXT const CUaccessPolicyWindow& w = value->accessPolicyWindow;
    if (!streams.count(stream) || what != 1 || !within((CUdeviceptr)w.base_ptr, w.num_bytes) || w.hitProp != 2 || w.missProp != 1) return CUresult(INVALID);
    window = w;
    return CUresult(OK);
}
CUresult cuEventCreate(CUevent* event, unsigned flags) { CALL_IN_CONTEXT *event = (CUevent)malloc(1); events.insert(*event); RETURN(flags < 2); }
CUresult cuEventDestroy_v2(CUevent event) { CALL_IN_CONTEXT recorded.erase(event); RETURN(events.erase(event)); }
CUresult cuEventRecord(CUevent event, CUstream stream) { CALL_IN_CONTEXT recorded.insert(event); RETURN(events.count(event) && streams.count(stream)); }
CUresult cuEventSynchronize(CUevent event) { CALL_IN_CONTEXT RETURN(recorded.count(event)); }
CUresult cuEventElapsedTime(float* milliseconds, CUevent begin, CUevent end) { CALL_IN_CONTEXT *milliseconds = 1; RETURN(recorded.count(begin) && recorded.count(end)); }
CUresult cuMemAlloc_v2(CUdeviceptr* address, size_t size) {
    CALL_IN_CONTEXT if (!size || size > gpu().memory << 30) return CUresult(size ? OUT_OF_MEMORY : INVALID);
    *address = (CUdeviceptr)aligned_alloc(256, (size + 255) / 256 * 256);
    memset((void*)*address, 0xA5, size);
    memory[*address] = size;
    return CUresult(OK);
}
CUresult cuMemFree_v2(CUdeviceptr address) { CALL_IN_CONTEXT if (!memory.erase(address)) return CUresult(INVALID); free((void*)address); return CUresult(OK); }
CUresult cuMemsetD8_v2(CUdeviceptr to, unsigned char value, size_t size) { CALL_IN_CONTEXT if (!within(to, size)) return CUresult(INVALID); memset((void*)to, value, size); return CUresult(OK); }
CUresult cuMemcpyHtoD_v2(CUdeviceptr to, const void* from, size_t size) { CALL_IN_CONTEXT if (!within(to, size)) return CUresult(INVALID); memcpy((void*)to, from, size); return CUresult(OK); }
CUresult cuMemcpyDtoH_v2(void* to, CUdeviceptr from, size_t size) { CALL_IN_CONTEXT if (!within(from, size)) return CUresult(INVALID); memcpy(to, (void*)from, size); return CUresult(OK); }
CUresult cuLaunchKernel(CUfunction function, unsigned x, unsigned y, unsigned z, unsigned threads, unsigned ty, unsigned tz, unsigned shared, CUstream stream, void** parameters, void** extra) {
    CALL_IN_CONTEXT Kernel* kernel = kernel_of(function, false);
    if (!kernel || x * y * z * threads * ty * tz != 1 || shared || !streams.count(stream) || extra) return CUresult(INVALID);
    kernel->tell(*(long long**)parameters[0]);
    return CUresult(OK);
}
CUresult cuLaunchCooperativeKernel(CUfunction function, unsigned x, unsigned y, unsigned z, unsigned threads, unsigned ty, unsigned tz, unsigned shared, CUstream stream, void** parameters) {
    CALL_IN_CONTEXT Kernel* kernel = kernel_of(function, true);
    if (!kernel || y * z * ty * tz != 1 || int(threads) != kernel->threads || int(shared) != kernel->shared || int(shared) > kernel->allowed || x % kernel->blocks || !streams.count(stream)) return CUresult(INVALID);
    if (int(x) > gpu().multiprocessors * resident(*kernel, threads, shared)) return CUresult(TOO_LARGE);
    if (!kernel->render(parameters[0], x / kernel->blocks, ++launches)) broken = FAILED;  // whoever waits for the end is told
    return CUresult(OK);
}
}
