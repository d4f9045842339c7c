"""The baseline as Magenta's graph has it, in float64 numpy, from tensors by Magenta's names; written from the published
description alone, for comparison. Arrays are (batch, frequency, time, channels), TensorFlow's order.
"""

import math

import numpy as np

# (Magenta's scope, side of the kernel, stride in frequency and time, times the width)
ENCODER = [("0", 5, (2, 2), 1)]
ENCODER += [(name, 4, (2, 2), times) for name, times in zip("1234567", (1, 1, 2, 2, 2, 4, 4), strict=True)]
ENCODER += [("7_1", 4, (2, 1), 4), ("8", 1, (1, 1), 8)]
DECODER = [("0", 1, (1, 1), 8)]
DECODER += [(name, 4, (2, 2), times) for name, times in zip("1234567", (4, 4, 2, 2, 2, 1, 1), strict=True)]
DECODER += [("8", 5, (2, 2), 1), ("8_1", 5, (2, 1), 1)]


def tensors(width, latent, seed=0):
    """{Magenta's name: float32 array} of all 180: the network's, and the optimiser's."""
    chance = np.random.default_rng(seed)
    found, inputs = {}, 1
    for part, layers in (("encoder", [*ENCODER, ("z", 1, (1, 1), latent / width)]), ("decoder", DECODER)):
        if part == "decoder":
            inputs = latent + width
        for name, kernel, _, times in layers:
            outputs, scope = round(times * width), f"{part}/{name}_Layer/{name}"
            channels = (inputs, outputs) if part == "encoder" else (outputs, inputs)
            found[f"{scope}/weights"] = chance.standard_normal((kernel, kernel, *channels)) / (kernel * inputs**0.5)
            found[f"{scope}/BatchNorm/beta"] = 0.3 * chance.standard_normal(outputs)
            found[f"{scope}/BatchNorm/moving_mean"] = 0.3 * chance.standard_normal(outputs)
            found[f"{scope}/BatchNorm/moving_variance"] = chance.uniform(0.1, 2.0, outputs)
            inputs = outputs
    found["decoder/PitchEmbedding/embedding_weights"] = chance.standard_normal((128, width))
    found["decoder/mag_Layer/mag/weights"] = chance.standard_normal((1, 1, width, 1)) / width**0.5
    found["decoder/mag_Layer/mag/biases"] = 0.1 * chance.standard_normal(1)
    slots = [f"{name}/{slot}" for name in found if "moving" not in name for slot in ("Adam", "Adam_1")]
    shapes = {name: found[name.rpartition("/")[0]].shape for name in slots}
    shapes |= dict.fromkeys(("Optimizer/beta1_power", "Optimizer/beta2_power", "Optimizer/global_step"), ())
    found |= {name: chance.standard_normal(shape) for name, shape in shapes.items()}
    return {name: np.asarray(values, np.float32) for name, values in found.items()}


def encode(weights, pictures):
    """(batch, 512, 256, 1) -> Z, (batch, latent)."""
    x = pictures.astype(np.float64)
    for name, _, stride, _ in ENCODER:
        x = _leaky(_normed(weights, f"encoder/{name}_Layer/{name}", x, stride, _convolved))
    return _normed(weights, "encoder/z_Layer/z", x, (1, 1), _convolved)[:, 0, 0]


def decode(weights, z, pitch):
    """Z, and MIDI pitches -> (batch, 512, 256, 1)."""
    x = np.concatenate([z, weights["decoder/PitchEmbedding/embedding_weights"][pitch]], 1)[:, None, None]
    for name, _, stride, _ in DECODER:
        x = _leaky(_normed(weights, f"decoder/{name}_Layer/{name}", x, stride, _transposed))
    weight, bias = (weights[f"decoder/mag_Layer/mag/{part}"].astype(np.float64) for part in ("weights", "biases"))
    logits = x @ weight[0, 0] + bias
    return 1 / (1 + np.exp(-logits))


def _normed(weights, scope, x, stride, convolve):
    x = convolve(x, weights[f"{scope}/weights"].astype(np.float64), stride)
    mean, variance, beta = (
        weights[f"{scope}/BatchNorm/{part}"].astype(np.float64) for part in ("moving_mean", "moving_variance", "beta")
    )
    return (x - mean) / np.sqrt(variance + 1e-3) + beta


def _leaky(x):
    return np.maximum(x, 0.1 * x)


def _same(sizes, kernel, stride):
    """((zeros before an axis, outputs along it), ...)"""
    outputs = [math.ceil(size / step) for size, step in zip(sizes, stride, strict=True)]
    return [
        (max((count - 1) * step + taps - size, 0) // 2, count)
        for size, taps, step, count in zip(sizes, kernel.shape[:2], stride, outputs, strict=True)
    ]


def _convolved(x, kernel, stride):
    """Tap by tap, where the tap meets the input."""
    (top, high), (left, wide) = _same(x.shape[1:3], kernel, stride)
    padded = np.pad(x, ((0, 0), (top, kernel.shape[0]), (left, kernel.shape[1]), (0, 0)))
    total = np.zeros((len(x), high, wide, kernel.shape[3]))
    for row in range(kernel.shape[0]):
        for column in range(kernel.shape[1]):
            met = padded[:, row :: stride[0], column :: stride[1]][:, :high, :wide]
            total += met @ kernel[row, column]
    return total


def _transposed(x, kernel, stride):
    """The gradient of a convolution with that kernel, by its input: every input adds its taps to the outputs it met."""
    high, wide = (size * step for size, step in zip(x.shape[1:3], stride, strict=True))
    (top, _), (left, _) = _same((high, wide), kernel, stride)
    total = np.zeros((len(x), high + 2 * kernel.shape[0], wide + 2 * kernel.shape[1], kernel.shape[2]))
    for row in range(kernel.shape[0]):
        for column in range(kernel.shape[1]):
            met = total[:, row :: stride[0], column :: stride[1]]
            met[:, : x.shape[1], : x.shape[2]] += x @ kernel[row, column].T
    return total[:, top : top + high, left : left + wide]
