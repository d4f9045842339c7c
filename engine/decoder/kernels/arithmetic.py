"""Tiles of channels: matrix products, gates, and the way in and out of a lane."""

import numpy as np

from engine.decoder.kernels.compiling import compiled
from engine.decoder.kernels.layout import TILE

ZERO, HALF = np.float32(0), np.float32(0.5)

# tanh(x) = x p(x^2) / q(x^2), the minimax rational of Eigen (ptanh); |error| < 5e-7, saturated beyond the limit
TANH_LIMIT = np.float32(7.90531110763549805)
P13, P11, P9 = np.float32(-2.76076847742355e-16), np.float32(2.00018790482477e-13), np.float32(-8.60467152213735e-11)
P7, P5 = np.float32(5.12229709037114e-08), np.float32(1.48572235717979e-05)
P3, P1 = np.float32(6.37261928875436e-04), np.float32(4.89352455891786e-03)
Q6, Q4 = np.float32(1.19825839466702e-06), np.float32(1.18534705686654e-04)
Q2, Q0 = np.float32(2.26843463243900e-03), np.float32(4.89352518554385e-03)


@compiled
def multiply(weights, x, out, lanes):
    """out += weights x, for one lane or four. weights (O, I, 32, 32), x (I, LANES, 32), out (O, LANES, 32)."""
    if lanes == 1:
        multiply_one(weights, x, out)
    else:
        multiply_four(weights, x, out)


@compiled
def multiply_one(weights, x, out):
    """Lane 0 of `out` += `weights` times lane 0 of `x`."""
    for o in range(weights.shape[0]):
        for i in range(weights.shape[1]):
            for k in range(0, TILE, 8):
                a0, a1, a2, a3 = x[i, 0, k], x[i, 0, k + 1], x[i, 0, k + 2], x[i, 0, k + 3]
                a4, a5, a6, a7 = x[i, 0, k + 4], x[i, 0, k + 5], x[i, 0, k + 6], x[i, 0, k + 7]
                for j in range(TILE):
                    total = out[o, 0, j]
                    total = total + a0 * weights[o, i, k, j] + a1 * weights[o, i, k + 1, j]
                    total = total + a2 * weights[o, i, k + 2, j] + a3 * weights[o, i, k + 3, j]
                    total = total + a4 * weights[o, i, k + 4, j] + a5 * weights[o, i, k + 5, j]
                    out[o, 0, j] = total + a6 * weights[o, i, k + 6, j] + a7 * weights[o, i, k + 7, j]


@compiled
def multiply_four(weights, x, out):
    """All lanes of `out` += `weights` times the lanes of `x`."""
    for o in range(weights.shape[0]):
        for i in range(weights.shape[1]):
            for k in range(0, TILE, 4):
                a0, a1, a2, a3 = x[i, 0, k], x[i, 0, k + 1], x[i, 0, k + 2], x[i, 0, k + 3]
                b0, b1, b2, b3 = x[i, 1, k], x[i, 1, k + 1], x[i, 1, k + 2], x[i, 1, k + 3]
                c0, c1, c2, c3 = x[i, 2, k], x[i, 2, k + 1], x[i, 2, k + 2], x[i, 2, k + 3]
                d0, d1, d2, d3 = x[i, 3, k], x[i, 3, k + 1], x[i, 3, k + 2], x[i, 3, k + 3]
                for j in range(TILE):
                    w0, w1 = weights[o, i, k, j], weights[o, i, k + 1, j]
                    w2, w3 = weights[o, i, k + 2, j], weights[o, i, k + 3, j]
                    out[o, 0, j] = out[o, 0, j] + a0 * w0 + a1 * w1 + a2 * w2 + a3 * w3
                    out[o, 1, j] = out[o, 1, j] + b0 * w0 + b1 * w1 + b2 * w2 + b3 * w3
                    out[o, 2, j] = out[o, 2, j] + c0 * w0 + c1 * w1 + c2 * w2 + c3 * w3
                    out[o, 3, j] = out[o, 3, j] + d0 * w0 + d1 * w1 + d2 * w2 + d3 * w3


@compiled
def gate(gates, gated, lanes):
    """gated = sigmoid(first half of gates) * tanh(second half); sigmoid(x) = (1 + tanh(x / 2)) / 2, one division."""
    half = gated.shape[0]
    for i in range(half):
        for lane in range(lanes):
            for j in range(TILE):
                s = gates[i, lane, j] * HALF
                s = s if s < TANH_LIMIT else TANH_LIMIT
                s = s if s > -TANH_LIMIT else -TANH_LIMIT
                t = gates[half + i, lane, j]
                t = t if t < TANH_LIMIT else TANH_LIMIT
                t = t if t > -TANH_LIMIT else -TANH_LIMIT
                u, v = s * s, t * t
                p = s * ((((((P13 * u + P11) * u + P9) * u + P7) * u + P5) * u + P3) * u + P1)
                q = ((Q6 * u + Q4) * u + Q2) * u + Q0
                r = t * ((((((P13 * v + P11) * v + P9) * v + P7) * v + P5) * v + P3) * v + P1)
                gated[i, lane, j] = HALF * (p + q) * r / (q * (((Q6 * v + Q4) * v + Q2) * v + Q0))


@compiled
def rectify(tiles, lanes):
    """In place: negative elements become zero."""
    for i in range(tiles.shape[0]):
        for lane in range(lanes):
            for j in range(TILE):
                tiles[i, lane, j] = tiles[i, lane, j] if tiles[i, lane, j] > ZERO else ZERO


@compiled
def put(tiles, lane, row):
    """One voice's channels into its lane. tiles (n, LANES, 32), row (n * 32,)."""
    for i in range(tiles.shape[0]):
        for j in range(TILE):
            tiles[i, lane, j] = row[i * TILE + j]


@compiled
def take(tiles, lane, row):
    """One voice's channels out of its lane."""
    for i in range(tiles.shape[0]):
        for j in range(TILE):
            row[i * TILE + j] = tiles[i, lane, j]


@compiled
def clear(tiles, lane):
    """Silence in one lane."""
    for i in range(tiles.shape[0]):
        for j in range(TILE):
            tiles[i, lane, j] = ZERO
