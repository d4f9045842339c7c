// A kernel for tests of the driver: halves as many numbers as groups run. Where their count is another, it never ends.
extern "C" {
extern const int registers = REGISTERS;

struct Arguments { const float* from; float* to; int count; };

int render_emulated(const void* given, int groups, unsigned long long) {
    const Arguments& arguments = *(const Arguments*)given;
    if (groups != arguments.count) return 0;
    for (int i = 0; i < arguments.count; i++) arguments.to[i] = arguments.from[i] / 2;
    return 1;
}

void sizes(long long* to) {
    const long long told[] = {0, 0, SHARED, sizeof(Arguments), 0, BLOCKS, THREADS};
    for (int i = 0; i < 7; i++) to[i] = told[i];
}
}
