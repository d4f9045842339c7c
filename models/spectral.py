"""The small encoder of the default instrument: log spectra -> timbre, beside motion and loudness as they are found."""

from typing import Protocol

import torch
from torch import nn

from models.analysis.frames import BANDS, analyse, emphasise, frame_motion
from models.analysis.harmonics import track_harmonics
from models.analysis.partials import find_partials

CONTEXT = 1  # frames on either side that the encoder sees too


class Encoding(Protocol):
    """What the encoder asks of a config."""

    @property
    def encoder_width(self) -> int: ...
    @property
    def timbre(self) -> int: ...


class SpectrumEncoder(nn.Module):
    """Log spectra of a frame and its neighbours -> timbre channels of mean 0 and variance 1 in every frame."""

    def __init__(self, config: Encoding):
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


def with_context(spectra):
    """(..., frames, bands) -> (..., frames, bands * (2 * context + 1)); the outermost frames repeat."""
    frames = spectra.shape[-2]
    index = torch.arange(frames)
    parts = [spectra[..., (index + k).clamp(0, frames - 1), :] for k in range(-CONTEXT, CONTEXT + 1)]
    return torch.cat(parts, -1)


def encode_spectrum(encoder, audio, f0_hz=None):
    """float32 (samples,) -> tensor (frames, latent): timbre, motion, loudness in dB, as the config has them.

    f0_hz : nominal pitch of the note; must be given where the config has motion
    """
    config = encoder.config
    audio = emphasise(config, audio)
    spectra, loudness_db = analyse(config, torch.from_numpy(audio), f0_hz if config.motion else None)
    channels = [encoder(with_context(spectra))]
    if config.motion:
        partials = find_partials(audio, f0_hz, config.rate, config.harmonics)
        tracked = track_harmonics(audio, partials, config.rate, config.harmonics)
        channels.append(torch.from_numpy(frame_motion(config, tracked, partials, len(audio))))
    if config.loudness:
        channels.append(loudness_db[:, None])
    return torch.cat(channels, -1)
