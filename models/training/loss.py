"""What training lowers: the negative log likelihood of samples, the error of spectra; and encoding/levels.py."""

import torch
from torch.nn import functional as F

from models.config import LOG_SCALE_MIN, REFERENCE_LEVEL

WINDOWS = (256, 512, 1024, 2048)  # samples of the spectra that are compared
FAINTEST = 1e-4 * REFERENCE_LEVEL  # amplitude below which no spectrum needs to follow


def mixture_loss(outputs, target):
    """Mixture of logistics.

    outputs : (batch, time, 3 * mixture): weight logits, means, log scales; target : (batch, time), companded
    Source: Salimans et al. 2017 (PixelCNN++), with the continuous density.
    """
    weights, means, log_scales = outputs.chunk(3, -1)
    log_scales = log_scales.clamp(min=LOG_SCALE_MIN)
    z = (target[..., None] - means) * torch.exp(-log_scales)
    log_density = -z - log_scales - 2 * F.softplus(-z)
    return -torch.logsumexp(F.log_softmax(weights, -1) + log_density, -1).mean()


def mixture_mean(outputs):
    """(batch, time): the mean of each mixture, companded; what is played at temperature 0. outputs : as above"""
    weights, means, _ = outputs.chunk(3, -1)
    return (torch.softmax(weights, -1) * means).sum(-1)


@torch.compiler.disable  # complex numbers gain nothing
def spectrum_loss(played, recorded, emphasis):
    """How far magnitudes are apart, in nats, in the mean over bins, frames and several resolutions in time.

    played, recorded : (batch, time), linear, with the emphasis of the network, which is taken out
    Source: multi-scale spectral loss of DDSP (Engel et al. 2020), its logarithmic part.
    """
    apart = [
        (_log_magnitudes(played, size, emphasis) - _log_magnitudes(recorded, size, emphasis)).abs().mean()
        for size in WINDOWS
    ]
    return torch.stack(apart).mean()


def _log_magnitudes(audio, size, emphasis):
    window = torch.hann_window(size, device=audio.device)
    spectra = torch.stft(audio.float(), size, size // 4, window=window, center=False, return_complex=True)
    turns = torch.arange(size // 2 + 1, device=audio.device) / size
    lifted = torch.abs(1 - emphasis * torch.exp(-2j * torch.pi * turns))
    return torch.log(spectra.abs() / (window.sum() * lifted[:, None]) + FAINTEST)
