"""The excitation of one sample: sine and cosine of every harmonic, and filtered noise.

models/excitation.py says what it is. Here every vector holds 16 harmonics.
"""

import math

import numpy as np
from llvmlite import ir

from engine.decoder.cpu.kernels.compiling import compiled, force_inline, intrinsic
from engine.decoder.cpu.kernels.emit.vectors import (
    F32,
    F32_VECTOR,
    ROUNDING,
    VECTOR_BYTES,
    constant,
    integer,
    kernel,
    load,
    loop,
    multiply_add,
    polynomial,
    reduce,
    splat,
    store,
)
from engine.decoder.cpu.kernels.processor import LANES, PLAIN

# sin(2 pi r) / r and cos(2 pi r) as polynomials of r^2 for |r| <= 1/4, Chebyshev fits; |error| < 3e-7
SINE = (39.7598271, -76.5811726, 81.6024764, -41.3416806, 6.28318528)
COSINE = (56.2387004, -85.2398703, 64.9345727, -19.7391712, 0.999999953)


@compiled
def oscillate_plainly(cycles, highest, gains, phasors, fraction, out):
    """One sample of the harmonics of a voice.

    cycles : float64, phase of the fundamental, 0..1; highest : harmonics above this number are silent
    gains : (2, harmonics), at the start and at the end of the tick
    phasors : (4, harmonics), real and imaginary part at the start, then at the end
    fraction : of the tick gone by; out : (2 * harmonics,), sines first
    """
    count = gains.shape[1]
    for i in range(count):
        k = i + 1
        real = phasors[0, i] + fraction * (phasors[2, i] - phasors[0, i])
        imaginary = phasors[1, i] + fraction * (phasors[3, i] - phasors[1, i])
        sine, cosine = math.sin(2 * math.pi * k * cycles), math.cos(2 * math.pi * k * cycles)
        gain = gains[0, i] + fraction * (gains[1, i] - gains[0, i]) if k <= highest else np.float32(0)
        out[i] = gain * (sine * real + cosine * imaginary)
        out[count + i] = gain * (cosine * real - sine * imaginary)


@force_inline
def oscillate_in_vectors(cycles, highest, gains, phasors, fraction, out):
    """The same in vectors, without those that are silent. k * cycles loses nothing: its upper 16 bits, times k, are
    exact."""
    high = math.floor(cycles * 65536) / 65536
    audible = min(LANES * ((max(highest, 0) + LANES - 1) // LANES), gains.shape[1])
    _oscillate(
        4 * gains.shape[1], 4 * audible, gains, phasors, out,
        np.float32(high), np.float32(cycles - high), np.float32(highest), np.float32(fraction),
    )  # fmt: skip


def _emit_oscillate(builder, nbytes, audible_bytes, gains, phasors, out, high, low, highest, fraction):
    gains, phasors, out = gains.address, phasors.address, out.address
    silent = builder.add(out, audible_bytes)
    high, low, highest, fraction = (splat(builder, number) for number in (high, low, highest, fraction))
    rows = [builder.add(phasors, builder.mul(nbytes, integer(row))) for row in range(4)]
    rows += [gains, builder.add(gains, nbytes)]

    def element(i, k):
        here = [load(builder, builder.add(row, i)) for row in rows]
        real = multiply_add(builder, fraction, builder.fsub(here[2], here[0]), here[0])
        imaginary = multiply_add(builder, fraction, builder.fsub(here[3], here[1]), here[1])
        sine, cosine = _sine_cosine(builder, builder.fmul(k, high), builder.fmul(k, low))
        audible = builder.fcmp_ordered("<=", k, highest)
        gain = multiply_add(builder, fraction, builder.fsub(here[5], here[4]), here[4])
        gain = builder.select(audible, gain, constant(0))
        sines = multiply_add(builder, cosine, imaginary, builder.fmul(sine, real))
        cosines = builder.fsub(builder.fmul(cosine, real), builder.fmul(sine, imaginary))
        store(builder, builder.fmul(gain, sines), builder.add(out, i))
        store(builder, builder.fmul(gain, cosines), builder.add(builder.add(out, nbytes), i))
        return (builder.fadd(k, constant(LANES)),)

    def silence(i):
        store(builder, constant(0), builder.add(silent, i))
        store(builder, constant(0), builder.add(builder.add(silent, nbytes), i))
        return ()

    first = ir.Constant(F32_VECTOR, [ir.Constant(F32, i + 1.0) for i in range(LANES)])
    loop(builder, audible_bytes, VECTOR_BYTES, (first,), element)
    loop(builder, builder.sub(nbytes, audible_bytes), VECTOR_BYTES, (), silence)


def _sine_cosine(builder, high, low):
    """Sine and cosine of high + low cycles."""
    cycles = builder.fadd(builder.fsub(high, _round(builder, high)), low)  # -1/2..1/2 and a little more
    halves = _round(builder, builder.fadd(cycles, cycles))
    rest = multiply_add(builder, halves, constant(-0.5), cycles)
    odd = builder.fcmp_ordered("!=", halves, constant(0))  # half a turn changes both signs
    sign = builder.select(odd, constant(-1), constant(1))
    square = builder.fmul(rest, rest)
    sine = builder.fmul(builder.fmul(sign, rest), polynomial(builder, square, *SINE))
    return sine, builder.fmul(sign, polynomial(builder, square, *COSINE))


def _round(builder, x):
    return builder.fsub(builder.fadd(x, constant(ROUNDING)), constant(ROUNDING))


@intrinsic
def _oscillate(typing, nbytes, audible_bytes, gains, phasors, out, high, low, highest, fraction):
    arguments = nbytes, audible_bytes, gains, phasors, out, high, low, highest, fraction
    return kernel("oscillate", _emit_oscillate, arguments)


@compiled
def polar_to_cartesian_plainly(phasors):
    """phasors : (2, harmonics), angles in cycles from 0 to 1 and lengths, which become real and imaginary parts."""
    for i in range(phasors.shape[1]):
        angle, length = 2 * math.pi * phasors[0, i], phasors[1, i]
        phasors[0, i], phasors[1, i] = length * math.cos(angle), length * math.sin(angle)


@force_inline
def polar_to_cartesian_in_vectors(phasors):
    """The same in vectors."""
    _polar_to_cartesian(phasors, 4 * phasors.shape[1])


def _emit_polar_to_cartesian(builder, phasors, nbytes):
    def element(i):
        real = builder.add(phasors.address, i)
        imaginary = builder.add(real, nbytes)
        cycles, length = load(builder, real), load(builder, imaginary)
        sine, cosine = _sine_cosine(builder, cycles, constant(0))
        store(builder, builder.fmul(length, cosine), real)
        store(builder, builder.fmul(length, sine), imaginary)
        return ()

    loop(builder, nbytes, VECTOR_BYTES, (), element)


@intrinsic
def _polar_to_cartesian(typing, phasors, nbytes):
    return kernel("polar_to_cartesian", _emit_polar_to_cartesian, (phasors, nbytes))


@compiled
def dot_plainly(taps, signal, first):
    """Sum of taps[i] * signal[first + i]. taps : (multiple of 16,)."""
    total = np.float32(0)
    for i in range(taps.shape[0]):
        total += taps[i] * signal[first + i]
    return total


@force_inline
def dot_in_vectors(taps, signal, first):
    """The same in vectors."""
    return _dot(taps, signal[first:], 4 * taps.shape[0])


def _emit_dot(builder, taps, signal, nbytes):
    def element(i, total):
        pair = load(builder, builder.add(taps.address, i)), load(builder, builder.add(signal.address, i))
        return (multiply_add(builder, *pair, total),)

    (total,) = loop(builder, nbytes, VECTOR_BYTES, (constant(0),), element)
    return reduce(builder, total)


@intrinsic
def _dot(typing, taps, signal, nbytes):
    return kernel("dot", _emit_dot, (taps, signal, nbytes), returns=True)


oscillate = oscillate_plainly if PLAIN else oscillate_in_vectors
polar_to_cartesian = polar_to_cartesian_plainly if PLAIN else polar_to_cartesian_in_vectors
dot = dot_plainly if PLAIN else dot_in_vectors
