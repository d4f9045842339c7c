// From the outputs of the network to a sample as it hears it. One warp a voice; the same in every block, bit for bit.
#pragma once

// A class by inverse distribution function; temperature 0: the likeliest.
DEVICE int draw_class(const float* logits, float temperature, float uniform) {
    constexpr int MINE = CLASSES / 32;
    const int lane = threadIdx.x % 32;
    const float sharpness = temperature > 0 ? quotient(1, temperature) : 0;
    float values[MINE], top = -1e30f;
#pragma unroll
    for (int i = 0; i < MINE; i++) values[i] = logits[lane * MINE + i], top = values[i] > top ? values[i] : top;
    for (int step = 16; step; step /= 2) {
        float other = shuffle_xor(top, step);
        top = other > top ? other : top;
    }
    int mine = MINE;
    if (temperature > 0) {
        float sum = 0;
#pragma unroll
        for (int i = 0; i < MINE; i++) sum += values[i] = exponential((values[i] - top) * sharpness);
        float until = sum;
        for (int step = 1; step < 32; step *= 2) {
            float other = shuffle_up(until, step);
            if (lane >= step) until += other;
        }
        float rest = uniform * shuffle(until, 31) - (until - sum);
#pragma unroll
        for (int i = 0; i < MINE; i++) {
            rest -= values[i];
            if (rest < 0 && mine == MINE) mine = i;
        }
    } else {
#pragma unroll
        for (int i = MINE - 1; i >= 0; i--)
            if (values[i] == top) mine = i;
    }
    const u32 found = votes(mine < MINE);
    const int who = found ? first_bit(found) : 31;         // rounding left nobody: the last class
    return who * MINE + shuffle_int(mine < MINE ? mine : MINE - 1, who);
}

// A companded sample from a mixture of logistics; temperature 0: its mean. Every lane does the same.
// outputs : weight logits, means, log scales; one uniform number serves twice
DEVICE float draw_mixture(const float* outputs, float temperature, float uniform) {
    float top = -1e30f, total = 0, mean = 0;
    for (int i = 0; i < MIXTURE; i++) top = outputs[i] > top ? outputs[i] : top;
    for (int i = 0; i < MIXTURE; i++) {
        const float weight = exponential(outputs[i] - top);
        total += weight, mean += weight * outputs[MIXTURE + i];
    }
    if (!(temperature > 0)) return clipped(quotient(mean, total), -1, 1);
    float rest = uniform * total, weight = exponential(outputs[0] - top);
    int chosen = 0;
    for (; chosen < MIXTURE - 1 && rest >= weight; weight = exponential(outputs[chosen] - top)) rest -= weight, chosen++;
    const float below = clipped(quotient(rest, weight), 1e-5f, 1), above = clipped(quotient(weight - rest, weight), 1e-5f, 1);
    const float log_scale = clipped(outputs[2 * MIXTURE + chosen], LOG_SCALE_MIN, 80);
    const float scale = exponential(log_scale) * temperature;
    return clipped(outputs[MIXTURE + chosen] + scale * logarithm(quotient(below, above)), -1, 1);
}

DEVICE float draw(const float* outputs, float temperature, float uniform) {
    if constexpr (MIXTURE) return draw_mixture(outputs, temperature, uniform);
    else return (draw_class(outputs, temperature, uniform) - CLASSES / 2) / (CLASSES / 2.f);
}
