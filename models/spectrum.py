"""The small encoder of the default instrument: a log spectrum and a level for every frame.

Frame i looks at the Hann window of `2 * hop` samples around its centre (i + 0.5) * hop. The level leaves the spectrum
and becomes the loudness channel; the network hears audio whose level is always near REFERENCE_LEVEL.
"""

import numpy as np
import torch
from scipy.signal import lfilter
from torch import nn
from torch.nn import functional as F

from models.config import WaveNetConfig

BANDS = 48
CONTEXT = 1  # frames on either side that the encoder sees too
REFERENCE_LEVEL = 0.2  # rms that the network works at: leaves a crest factor of 5 below full scale
FLOOR_DB = -60.0  # quietest loudness relative to the reference; below it a frame counts as silence


class SpectrumEncoder(nn.Module):
    """Log spectra of a frame and its neighbours -> timbre channels of mean 0 and variance 1 in every frame."""

    def __init__(self, config: WaveNetConfig):
        super().__init__()
        self.config = config
        width = config.encoder_width
        self.network = nn.Sequential(
            nn.Linear(BANDS * (2 * CONTEXT + 1), width), nn.ReLU(),
            nn.Linear(width, width), nn.ReLU(),
            nn.Linear(width, config.timbre), nn.LayerNorm(config.timbre, elementwise_affine=False),
        )  # fmt: skip

    def forward(self, spectra):
        """spectra : (..., frames, bands * (2 * context + 1)) -> (..., frames, timbre)."""
        return self.network(spectra)


def analyse(audio, hop, rate):
    """Log spectrum and loudness of every whole frame.

    audio : float32 tensor (..., samples), samples a multiple of hop
    returns : spectra (..., frames, bands), loudness_db (..., frames) relative to REFERENCE_LEVEL, at least FLOOR_DB
    """
    window = torch.hann_window(2 * hop, dtype=audio.dtype, device=audio.device)
    frames = F.pad(audio, (hop // 2, hop + hop // 2)).unfold(-1, 2 * hop, hop)[..., : audio.shape[-1] // hop, :]
    level = torch.sqrt((frames**2 * window).sum(-1) / window.sum())
    loudness_db = (20 * torch.log10(level / REFERENCE_LEVEL + 1e-9)).clamp(min=FLOOR_DB)
    magnitude = torch.fft.rfft(frames * window).abs() / window.sum()
    bands = magnitude @ _filterbank(hop, rate).to(audio)
    relative = bands / (REFERENCE_LEVEL * 10 ** (loudness_db / 20))[..., None]
    return torch.log(relative + 1e-3) / 3 + 1, loudness_db


def with_context(spectra):
    """(..., frames, bands) -> (..., frames, bands * (2 * context + 1)); the outermost frames repeat."""
    frames = spectra.shape[-2]
    index = torch.arange(frames)
    parts = [spectra[..., (index + k).clamp(0, frames - 1), :] for k in range(-CONTEXT, CONTEXT + 1)]
    return torch.cat(parts, -1)


def encode_spectrum(encoder, audio):
    """float32 (samples,) -> tensor (frames, latent): timbre, then the loudness in dB where the config has it."""
    config = encoder.config
    spectra, loudness_db = analyse(torch.from_numpy(emphasise(config, audio)), config.hop, config.rate)
    timbre = encoder(with_context(spectra))
    return torch.cat([timbre, loudness_db[:, None]], -1) if config.loudness else timbre


def emphasise(config, audio):
    """x[t] - emphasis x[t - 1], silence before. float32 (samples,) -> float32 (samples,)."""
    return (audio - config.emphasis * np.concatenate([audio[:1] * 0, audio[:-1]])).astype(np.float32)


def deemphasise(config, audio):
    """Inverse of `emphasise`."""
    return lfilter([1.0], [1.0, -config.emphasis], audio).astype(np.float32)


def apply_loudness(config, audio, latents, inverse=False):
    """Scale audio by the loudness channel, straight lines in dB between the centres of the frames.

    audio : float32 (samples,); latents : float32 (frames, latent)
    inverse : divide instead, as in training
    returns : float32 (samples,); the audio itself where the config has no loudness channel
    """
    if not config.loudness:
        return audio
    centres = (np.arange(len(latents)) + 0.5) * config.hop
    loudness_db = np.interp(np.arange(len(audio)), centres, latents[:, -1])
    return (audio * 10 ** ((-loudness_db if inverse else loudness_db) / 20)).astype(np.float32)


def _filterbank(hop, rate):
    """float32 tensor (hop + 1, bands): triangles, evenly spaced on the mel scale from 50 Hz to Nyquist."""
    edges_mel = np.linspace(_mel(50.0), _mel(rate / 2), BANDS + 2)
    edges = 700.0 * (10 ** (edges_mel / 2595.0) - 1.0)
    bins = np.fft.rfftfreq(2 * hop, 1 / rate)[:, None]
    rise = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    fall = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    return torch.from_numpy(np.maximum(0.0, np.minimum(rise, fall)).astype(np.float32))


def _mel(hz):
    return 2595.0 * np.log10(1.0 + hz / 700.0)
