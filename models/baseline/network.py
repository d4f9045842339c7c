"""The spectral autoencoder in torch: a picture of a note -> Z -> a picture.

    picture (batch, channels, 512, 256) -> Encoder, ten strided convolutions -> Z (batch, latent)
    Z, pitch -> Decoder, ten transposed ones -> picture

Every convolution is followed by batch norm without gain, and but for Z by max(x, 0.1 x).
Source: Engel et al. 2017, section 2.2; Magenta's baseline/models/ae_configs/nfft_1024.py.
"""

import math

import numpy as np
import torch
from torch import distributed, nn
from torch.nn import functional as F

from models.baseline.config import DECODER, ENCODER, BaselineConfig, Layer
from models.baseline.spectrogram import COMPLEX, MASKED
from models.config import PITCH_CLASSES

LEAK = 0.1
EPSILON = 1e-3
DECAY = 0.999  # of the statistics that stand for a batch's when it plays


class Normed(nn.Module):
    """A convolution padded as TensorFlow's SAME, and batch norm without gain.

    decay : of the running statistics; over several processes a batch's statistics are those of all its rows
    """

    def __init__(self, layer: Layer, inputs: int, outputs: int):
        super().__init__()
        self.layer, self.decay = layer, DECAY
        self.weight = nn.Parameter(self._drawn(inputs, outputs))
        self.beta = nn.Parameter(torch.zeros(outputs))
        self.register_buffer("mean", torch.zeros(outputs))
        self.register_buffer("variance", torch.ones(outputs))

    def _drawn(self, inputs, outputs):
        return nn.init.xavier_uniform_(torch.empty(outputs, inputs, self.layer.kernel, self.layer.kernel))

    def forward(self, x):
        """(batch, inputs, frequencies, times) -> (batch, outputs, ...), fewer by the stride."""
        (above, below), (before, after) = _paddings(x.shape[2:], self.layer)
        return self._normed(F.conv2d(F.pad(x, (before, after, above, below)), self.weight, stride=self.layer.stride))

    def _normed(self, x):
        if self.training and distributed.is_initialized():
            return self._normed_together(x)
        return F.batch_norm(x, self.mean, self.variance, None, self.beta, self.training, 1 - self.decay, EPSILON)

    def _normed_together(self, x):
        """With the statistics of all processes' rows, which are as many in each."""
        values = x.flatten(2).to(torch.promote_types(x.dtype, torch.float32))
        count = values.numel() / values.shape[1] * distributed.get_world_size()
        mean = _Together.apply(values.sum((0, 2))) / count
        values = values - mean[:, None]
        variance = _Together.apply(values.square().sum((0, 2))) / count
        with torch.no_grad():
            self.mean.lerp_(mean, 1 - self.decay)
            self.variance.lerp_(variance * count / (count - 1), 1 - self.decay)
        return (values * torch.rsqrt(variance + EPSILON)[:, None] + self.beta[:, None]).view(x.shape)


class _Together(torch.autograd.Function):
    """The sum over all processes, which each of them uses: so its gradient is the sum of theirs."""

    @staticmethod
    def forward(context, values):
        total = values.clone()
        distributed.all_reduce(total)
        return total

    @staticmethod
    def backward(context, gradient):
        return _Together.forward(context, gradient)


class Spread(Normed):
    """A transposed convolution, the gradient of one that is padded as SAME, and batch norm.

    It is computed as one convolution that gives all outputs which lie between two inputs as channels of their own: much
    faster than torch's on a processor, and the values between which zeros would lie are never made.
    """

    def __init__(self, layer: Layer, inputs: int, outputs: int):
        super().__init__(layer, inputs, outputs)
        axes = [_taps(layer.kernel, stride) for stride in layer.stride]
        self._rows, self._columns = (taps for taps, _ in axes)
        self._reach = tuple(reach for _, reach in axes)

    def _drawn(self, inputs, outputs):
        return nn.init.xavier_uniform_(torch.empty(inputs, outputs, self.layer.kernel, self.layer.kernel))

    def forward(self, x):
        """(batch, inputs, frequencies, times) -> (batch, outputs, stride, stride, frequencies, times), see `woven`."""
        weight = F.pad(self.weight, (0, 1, 0, 1))[:, :, self._rows][..., self._columns]
        inputs, outputs, high, rows, wide, columns = weight.shape
        weight = weight.permute(1, 2, 4, 0, 3, 5).reshape(outputs * high * wide, inputs, rows, columns)
        x = F.conv2d(x, weight, padding=self._reach)
        return self._normed(x.view(len(x), outputs, high, wide, *x.shape[2:]))


def woven(x):
    """What `Spread` gives, side by side: (batch, outputs, stride x frequencies, stride x times)."""
    batch, outputs, high, wide, rows, columns = x.shape
    return x.permute(0, 1, 4, 2, 5, 3).reshape(batch, outputs, high * rows, wide * columns)


def _taps(kernel, stride):
    """int64 (stride, 2 reach + 1): which tap leads from an input so far ahead to each output beside it; and the reach.

    `kernel` stands for none.
    """
    before = _padding(stride, kernel, stride)[0]  # the same for any whole number of strides
    steps = np.arange(-kernel, kernel + 1)
    taps = np.arange(stride)[:, None] + before - stride * steps
    taps = np.where((taps >= 0) & (taps < kernel), taps, kernel)
    reach = int(np.abs(steps[(taps < kernel).any(0)]).max())
    return taps[:, kernel - reach : kernel + reach + 1], reach


def _paddings(sizes, layer):
    """(before, after) of both axes."""
    return [_padding(size, layer.kernel, step) for size, step in zip(sizes, layer.stride, strict=True)]


def _padding(size, kernel, stride):
    """TensorFlow's SAME: (before, after) of an axis of that size."""
    total = max((math.ceil(size / stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


class Encoder(nn.ModuleDict):
    """Pictures -> Z."""

    def __init__(self, config: BaselineConfig):
        widths = [config.channels, *(layer.width * config.width for layer in ENCODER)]
        super().__init__({layer.name: Normed(layer, *widths[at : at + 2]) for at, layer in enumerate(ENCODER)})
        self["z"] = Normed(Layer("z", 1, (1, 1), 1), widths[-1], config.latent)

    def forward(self, pictures):
        """(batch, channels, bins, columns) -> (batch, latent)."""
        return self["z"](self.features(pictures)).flatten(1)

    def features(self, pictures):
        """(batch, 8 width, 1, 1): what Z is made of."""
        for layer in ENCODER:
            pictures = F.leaky_relu(self[layer.name](pictures), LEAK)
        return pictures


class Decoder(nn.ModuleDict):
    """Z and the pitch -> pictures."""

    def __init__(self, config: BaselineConfig):
        widths = [config.latent + config.pitch_width, *(layer.width * config.width for layer in DECODER)]
        super().__init__({layer.name: Spread(layer, *widths[at : at + 2]) for at, layer in enumerate(DECODER)})
        self.config = config
        self["mag"] = nn.Conv2d(widths[-1], config.channels, 1)
        if config.pitch:
            self.pitch = nn.Parameter(torch.randn(PITCH_CLASSES, config.pitch_width))

    def forward(self, z, pitch):
        """z : (batch, latent); pitch : int64 (batch,), MIDI -> (batch, channels, bins, columns)."""
        x = torch.cat([z, self.pitch[pitch]], 1) if self.config.pitch else z
        x = x[:, :, None, None, None, None]
        for layer in DECODER:
            x = F.leaky_relu(self[layer.name](woven(x)), LEAK)
        batch, outputs, *sides = x.shape
        x = self["mag"](x.view(batch, outputs, -1, 1)).view(batch, -1, *sides)  # before it is woven, as it is small
        x = woven(x)
        if self.config.picture == COMPLEX:
            return torch.tanh(x)
        return torch.cat([torch.sigmoid(x[:, :1]), torch.tanh(x[:, 1:])], 1)


class Baseline(nn.Module):
    """The autoencoder."""

    def __init__(self, config: BaselineConfig):
        super().__init__()
        self.config = config
        self.encoder, self.decoder = Encoder(config), Decoder(config)

    def forward(self, pictures, pitch):
        """The pictures again, from their embeddings."""
        return self.decoder(self.encoder(pictures), pitch)

    @torch.no_grad()
    def encode(self, pictures):
        """float32 (notes, channels, bins, columns) -> (notes, latent), numpy."""
        return self.encoder(torch.from_numpy(pictures)).numpy()

    @torch.no_grad()
    def decode(self, z, pitch):
        """float32 (notes, latent), int (notes,) -> (notes, channels, bins, columns), numpy."""
        return self.decoder(torch.from_numpy(np.asarray(z)), torch.as_tensor(pitch)).numpy()


def picture_loss(shown, wanted, weights, kind):
    """Mean squared error, weighted by frequency; of absolute phases Magenta's circular one. Scalar.

    shown, wanted : (batch, channels, bins, columns); weights : (bins,), see `frequency_weights`; kind : of the pictures
    """
    weights = weights[:, None]
    error = (weights * (shown[:, 0] - wanted[:, 0]) ** 2).mean()
    if shown.shape[1] == 1:
        return error
    if kind in (COMPLEX, MASKED):
        return error + (weights * (shown[:, 1] - wanted[:, 1]) ** 2).mean()
    return error + 1 - (weights * torch.cos(torch.pi * (shown[:, 1] - wanted[:, 1]))).mean()
