"""The products in tiles equal the readable loops, and both equal numpy, in float32 and in int8."""

import numpy as np
import pytest
from numba import njit

from engine.decoder.cpu.kernels.emit import tiles
from engine.decoder.cpu.kernels.emit.arithmetic import ACTIVATION_DTYPE, WEIGHT_DTYPE, ZERO_POINT
from engine.decoder.cpu.kernels.loops import products
from engine.decoder.cpu.kernels.processor import GATE_TILE_WIDTHS, TILE_WIDTHS

INVERSE_SCALE = np.float32(40)
SHAPES = [(16, 16), (48, 32), (32, 96), (16, 224)]


@njit
def linear(weights, x, a, out, count):
    tiles.linear(weights, x, a, out, count)


@njit
def precompute(weights, taps, x, out, count):
    tiles.precompute(weights, taps, x, out, count)


@njit
def add_skip(weights, scale, x, a, out, count):
    tiles.add_skip(weights, scale, x, a, out, count)


@njit
def add_residual(weights, scale, x, a, b, out, inputs, inverse_scale, count):
    tiles.add_residual(weights, scale, x, a, b, out, inputs, inverse_scale, count)


@njit
def gated_convolution(weights, scale, taps, x, conditions, lookahead, gated, inverse_scale, count):
    tiles.gated_convolution(weights, scale, taps, x, conditions, lookahead, gated, inverse_scale, count)


@pytest.fixture(params=[1, 2, 3, 4, 7, 8, 15])
def count(request):
    return request.param


class Case:
    """A product of `count` scattered rows, in one of both arithmetics.

    x : rows of `taps` taps; total : what the sums are to be; scale : (outputs,)
    """

    def __init__(self, int8, inputs, outputs, count, taps=1):
        self.rng = np.random.default_rng(0)
        self.count, self.outputs = count, outputs
        if int8:
            self.matrix = self.rng.integers(-127, 128, (taps * inputs, outputs)).astype(WEIGHT_DTYPE)
            x = self.rng.integers(0, 256, (40, inputs)).astype(ACTIVATION_DTYPE)
            self.scale = (self.rng.random(outputs) / 100000).astype(np.float32)
            self.lookahead = self.rng.integers(-1000, 1000, (40, outputs)).astype(np.int32)
        else:
            self.matrix = self.rng.standard_normal((taps * inputs, outputs)).astype(np.float32)
            x = self.rng.standard_normal((40, inputs)).astype(np.float32)
            self.scale = np.ones(outputs, np.float32)
            self.lookahead = self.rng.standard_normal((40, outputs)).astype(np.float32)
        self.x = x, self.rng.integers(0, 40, taps * count)
        heard = x[self.x[1]].reshape(taps, count, inputs).astype(float)
        self.total = np.concatenate(list(heard), 1) @ self.matrix.astype(float)
        self.activation, self.sums = x.dtype, self.lookahead.dtype

    def floats(self):
        """Rows of float32."""
        return self.rng.standard_normal((40, self.outputs)).astype(np.float32), self.rng.permutation(40)[: self.count]

    def activations(self, values):
        """What `values` are stored as, before rounding."""
        if self.activation == np.float32:
            return values
        return np.clip(values * INVERSE_SCALE, -ZERO_POINT, 255 - ZERO_POINT) + ZERO_POINT


def both(tiled, plainly, matrix, widths=TILE_WIDTHS):
    """Each function with the weights packed as it reads them."""
    return (tiled, products.pack_matrix(matrix, widths)), (plainly, products.pack_matrix(matrix, (1,)))


@pytest.mark.parametrize(("inputs", "outputs"), SHAPES)
def test_linear(inputs, outputs, count):
    case = Case(False, inputs, outputs, count)
    a = case.floats()
    for function, weights in both(linear, products.linear_plainly, case.matrix):
        out = case.floats()
        function(weights, case.x, a, out, count)
        np.testing.assert_allclose(out[0][out[1]], a[0][a[1]] + case.total, rtol=0, atol=1e-4)


@pytest.mark.parametrize("int8", [False, True])
def test_precompute(int8, count):
    case = Case(int8, 32, 96, count, taps=2)
    for function, weights in both(precompute, products.precompute_plainly, case.matrix):
        out = np.zeros((40, 96), case.sums), np.random.default_rng(1).permutation(40)[:count]
        function(weights, 2, case.x, out, count)
        np.testing.assert_allclose(out[0][out[1]], case.total, rtol=0, atol=0 if int8 else 1e-4)
        assert not np.delete(out[0], out[1], axis=0).any()


@pytest.mark.parametrize("int8", [False, True])
def test_add_skip(int8, count):
    case = Case(int8, 64, 80, count)
    a = case.floats()
    for function, weights in both(add_skip, products.add_skip_plainly, case.matrix):
        out = case.floats()
        function(weights, case.scale, case.x, a, out, count)
        np.testing.assert_allclose(out[0][out[1]], a[0][a[1]] + case.scale * case.total, rtol=0, atol=1e-4)


@pytest.mark.parametrize("int8", [False, True])
def test_add_residual(int8, count):
    case = Case(int8, 32, 48, count)
    a, b = case.floats(), case.floats()
    expected = a[0][a[1]] + b[0][b[1]] + case.scale * case.total
    for function, weights in both(add_residual, products.add_residual_plainly, case.matrix):
        out, inputs = case.floats(), (np.zeros((40, 48), case.activation), np.random.default_rng(1).permutation(40))
        function(weights, case.scale, case.x, a, b, out, inputs, INVERSE_SCALE, count)
        np.testing.assert_allclose(out[0][out[1]], expected, rtol=0, atol=1e-4)
        stored = inputs[0][inputs[1][:count]]
        np.testing.assert_allclose(stored, case.activations(expected), rtol=0, atol=0.51 if int8 else 1e-4)


@pytest.mark.parametrize("int8", [False, True])
@pytest.mark.parametrize("taps", [1, 3])
def test_gated_convolution(int8, taps, count):
    case = Case(int8, 16, 96, count, taps)
    conditions, lookahead = case.floats(), (case.lookahead, case.floats()[1])
    gates = conditions[0][conditions[1]] + case.scale * (lookahead[0][lookahead[1]] + case.total)
    sigmoid, tanh = gates.reshape(count, 3, 2, 16).swapaxes(1, 2).reshape(count, 2, 48).swapaxes(0, 1)
    expected = np.tanh(tanh) / (1 + np.exp(-sigmoid))
    for function, weights in both(gated_convolution, products.gated_convolution_plainly, case.matrix, GATE_TILE_WIDTHS):
        gated = np.zeros((40, 48), case.activation), np.random.default_rng(1).permutation(40)
        function(weights, case.scale, taps, case.x, conditions, lookahead, gated, INVERSE_SCALE, count)
        stored = gated[0][gated[1][:count]]
        np.testing.assert_allclose(stored, case.activations(expected), rtol=0, atol=0.51 if int8 else 1e-5)


def test_gate_is_accurate_to_a_millionth():
    a = np.concatenate([np.linspace(-30, 30, 6000), [0.0, 1e-30, -1e-30, 1e30] * 4]).astype(np.float32)
    b = np.random.default_rng(0).permutation(a)
    rows, each = np.stack([a.reshape(-1, 16), b.reshape(-1, 16)], 1).reshape(-1, 32), np.arange(len(a) // 16)
    weights, scale, x = np.zeros(16 * 32, np.float32), np.ones(32, np.float32), np.zeros((1, 16), np.float32)
    first = np.zeros(len(rows), int)
    expected = np.tanh(rows[:, 16:].astype(float)) / (1 + np.exp(-rows[:, :16].astype(float)))
    for function in (gated_convolution, products.gated_convolution_plainly):
        gated = np.zeros((len(rows), 16), np.float32)
        nothing = np.zeros((1, 32), np.float32), first
        function(weights, scale, 1, (x, first), (rows, each), nothing, (gated, each), INVERSE_SCALE, len(rows))
        np.testing.assert_allclose(gated, expected, rtol=0, atol=1e-6)
