"""The excitation of one sample: sine and cosine of every harmonic, and filtered noise.

models/excitation.py says what it is. Here every vector holds 16 harmonics.
"""

import math

import numpy as np
from llvmlite import ir
from numba.extending import intrinsic

from engine.decoder.cpu.kernels.compiling import compiled, inlined
from engine.decoder.cpu.kernels.emit.vectors import (
    BYTES,
    FLOAT,
    ROUNDING,
    VECTOR,
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
def oscillate_plainly(cycles, highest, gains, phasors, share, out):
    """One sample of the harmonics of a voice.

    cycles : float64, phase of the fundamental, 0..1; highest : harmonics above this number are silent
    gains : (2, harmonics), at the start and at the end of the tick
    phasors : (4, harmonics), real and imaginary part at the start, then at the end
    share : of the tick gone by; out : (2 * harmonics,), sines first
    """
    count = gains.shape[1]
    for i in range(count):
        k = i + 1
        real = phasors[0, i] + share * (phasors[2, i] - phasors[0, i])
        imaginary = phasors[1, i] + share * (phasors[3, i] - phasors[1, i])
        sine, cosine = math.sin(2 * math.pi * k * cycles), math.cos(2 * math.pi * k * cycles)
        gain = gains[0, i] + share * (gains[1, i] - gains[0, i]) if k <= highest else np.float32(0)
        out[i] = gain * (sine * real + cosine * imaginary)
        out[count + i] = gain * (cosine * real - sine * imaginary)


@inlined
def oscillate_in_vectors(cycles, highest, gains, phasors, share, out):
    """The same in vectors, without those that are silent. k * cycles loses nothing: its upper 16 bits, times k, are
    exact."""
    high = math.floor(cycles * 65536) / 65536
    heard = min(LANES * ((max(highest, 0) + LANES - 1) // LANES), gains.shape[1])
    _oscillate(
        4 * gains.shape[1], 4 * heard, gains, phasors, out,
        np.float32(high), np.float32(cycles - high), np.float32(highest), np.float32(share),
    )  # fmt: skip


def _emit_oscillate(builder, width, heard, gains, phasors, out, high, low, highest, share):
    gains, phasors, out = gains.start, phasors.start, out.start
    silent = builder.add(out, heard)
    high, low, highest, share = (splat(builder, number) for number in (high, low, highest, share))
    rows = [builder.add(phasors, builder.mul(width, integer(row))) for row in range(4)]
    rows += [gains, builder.add(gains, width)]

    def element(i, k):
        here = [load(builder, builder.add(row, i)) for row in rows]
        real = multiply_add(builder, share, builder.fsub(here[2], here[0]), here[0])
        imaginary = multiply_add(builder, share, builder.fsub(here[3], here[1]), here[1])
        sine, cosine = _turn(builder, builder.fmul(k, high), builder.fmul(k, low))
        audible = builder.fcmp_ordered("<=", k, highest)
        gain = multiply_add(builder, share, builder.fsub(here[5], here[4]), here[4])
        gain = builder.select(audible, gain, constant(0))
        sines = multiply_add(builder, cosine, imaginary, builder.fmul(sine, real))
        cosines = builder.fsub(builder.fmul(cosine, real), builder.fmul(sine, imaginary))
        store(builder, builder.fmul(gain, sines), builder.add(out, i))
        store(builder, builder.fmul(gain, cosines), builder.add(builder.add(out, width), i))
        return (builder.fadd(k, constant(LANES)),)

    def nothing(i):
        store(builder, constant(0), builder.add(silent, i))
        store(builder, constant(0), builder.add(builder.add(silent, width), i))
        return ()

    loop(builder, heard, BYTES, (ir.Constant(VECTOR, [ir.Constant(FLOAT, i + 1.0) for i in range(LANES)]),), element)
    loop(builder, builder.sub(width, heard), BYTES, (), nothing)


def _turn(builder, high, low):
    """Sine and cosine of high + low cycles."""
    turns = builder.fadd(builder.fsub(high, _whole(builder, high)), low)  # -1/2..1/2 and a little more
    halves = _whole(builder, builder.fadd(turns, turns))
    rest = multiply_add(builder, halves, constant(-0.5), turns)
    odd = builder.fcmp_ordered("!=", halves, constant(0))  # half a turn changes both signs
    sign = builder.select(odd, constant(-1), constant(1))
    square = builder.fmul(rest, rest)
    sine = builder.fmul(builder.fmul(sign, rest), polynomial(builder, square, *SINE))
    return sine, builder.fmul(sign, polynomial(builder, square, *COSINE))


def _whole(builder, x):
    return builder.fsub(builder.fadd(x, constant(ROUNDING)), constant(ROUNDING))


@intrinsic
def _oscillate(typing, width, heard, gains, phasors, out, high, low, highest, share):
    return kernel("oscillate", _emit_oscillate, (width, heard, gains, phasors, out, high, low, highest, share))


@compiled
def point_plainly(phasors):
    """phasors : (2, harmonics), angles in cycles from 0 to 1 and lengths, which become real and imaginary parts."""
    for i in range(phasors.shape[1]):
        angle, length = 2 * math.pi * phasors[0, i], phasors[1, i]
        phasors[0, i], phasors[1, i] = length * math.cos(angle), length * math.sin(angle)


@inlined
def point_in_vectors(phasors):
    """The same in vectors."""
    _point(phasors, 4 * phasors.shape[1])


def _emit_point(builder, phasors, width):
    def element(i):
        real = builder.add(phasors.start, i)
        imaginary = builder.add(real, width)
        cycles, length = load(builder, real), load(builder, imaginary)
        sine, cosine = _turn(builder, cycles, constant(0))
        store(builder, builder.fmul(length, cosine), real)
        store(builder, builder.fmul(length, sine), imaginary)
        return ()

    loop(builder, width, BYTES, (), element)


@intrinsic
def _point(typing, phasors, width):
    return kernel("point", _emit_point, (phasors, width))


@compiled
def filtered_plainly(taps, signal, first):
    """Sum of taps[i] * signal[first + i]. taps : (multiple of 16,)."""
    total = np.float32(0)
    for i in range(taps.shape[0]):
        total += taps[i] * signal[first + i]
    return total


@inlined
def filtered_in_vectors(taps, signal, first):
    """The same in vectors."""
    return _filtered(taps, signal[first:], 4 * taps.shape[0])


def _emit_filtered(builder, taps, signal, width):
    def element(i, total):
        pair = load(builder, builder.add(taps.start, i)), load(builder, builder.add(signal.start, i))
        return (multiply_add(builder, *pair, total),)

    return reduce(builder, *loop(builder, width, BYTES, (constant(0),), element))


@intrinsic
def _filtered(typing, taps, signal, width):
    return kernel("filtered", _emit_filtered, (taps, signal, width), returns=True)


oscillate = oscillate_plainly if PLAIN else oscillate_in_vectors
point = point_plainly if PLAIN else point_in_vectors
filtered = filtered_plainly if PLAIN else filtered_in_vectors
