"""A note frame by frame: log spectrum, level, motion; and the emphasis and loudness that the network works without.

Frame i looks at the Hann window of WINDOW_S around its centre (i + 0.5) * hop. The level leaves the spectrum and
becomes the loudness channel; the network hears audio whose level is always near REFERENCE_LEVEL.
"""

import numpy as np
import torch
from scipy.ndimage import convolve1d
from scipy.signal import lfilter
from torch.nn import functional as F

from models.analysis.harmonics import motion, step_samples
from models.config import DEVIATION, REFERENCE_LEVEL

WINDOW_S = 0.064  # of a spectrum
SHORTEST_S, PERIODS = 0.016, 2  # the shortest window of a level, which holds so many periods of the note
BANDS = 48
TUNED_S = 0.5  # vibrato is faster, and stays
HEARD_DB = 3.0  # frames so far above the floor tell timbre
FLOOR_DB = -60.0  # quietest loudness relative to the reference; below it a frame counts as silence


def analyse(config, audio, f0_hz=None):
    """Log spectrum and loudness of every whole frame.

    audio : float32 tensor (samples,), samples a multiple of the hop
    f0_hz : pitch of the note, if known: the level of higher notes is followed more closely
    returns : spectra (frames, bands), loudness_db (frames,) relative to REFERENCE_LEVEL, at least FLOOR_DB
    """
    frames, window = _windows(audio, config.hop, spectrum_window(config.rate))
    level = torch.sqrt((frames**2 * window).sum(-1) / window.sum()).clamp(min=REFERENCE_LEVEL * 10 ** (FLOOR_DB / 20))
    magnitude = torch.fft.rfft(frames * window).abs() / window.sum()
    relative = magnitude @ _filterbank(config.rate).to(audio) / level[:, None]
    frames, window = _windows(audio, config.hop, _level_window(config.rate, f0_hz))
    power = (frames**2 * window).sum(-1) / window.sum()
    loudness_db = (10 * torch.log10(power / REFERENCE_LEVEL**2 + 1e-18)).clamp(min=FLOOR_DB)
    return torch.log(relative + 1e-3) / 3 + 1, loudness_db


def spectrum_window(rate):
    """Samples: 1024 at 16 kHz."""
    return round(WINDOW_S * rate)


def _windows(audio, hop, size):
    """(frames, size) around the centre of each frame, and the Hann window."""
    before = (size - hop) // 2
    frames = F.pad(audio, (before, size)).unfold(-1, size, hop)[: len(audio) // hop]
    return frames, torch.hann_window(size, dtype=audio.dtype, device=audio.device)


def _level_window(rate, f0_hz):
    """Samples: a power of two within bounds. In two periods and more the beating of neighbouring harmonics averages
    out."""
    longest = spectrum_window(rate)
    if f0_hz is None:
        return longest
    return int(np.clip(2 ** np.ceil(np.log2(PERIODS * rate / f0_hz)), round(SHORTEST_S * rate), longest))


def frame_motion(config, tracked, partials, samples):
    """float32 (frames, MOTIONS): spread and deviation in cents, at the centre of each frame, and the stretch.

    tracked : `track_harmonics` of so many samples of emphasised audio
    """
    centres = frame_centres(config, samples) // step_samples(config.rate)
    moved = [channel[centres] for channel in motion(tracked, partials, config.rate)]
    return np.stack([*moved, np.full(len(centres), partials.stretch, np.float32)], 1)


def tuned(config, motion, loudness_db):
    """Motion without the cents by which the note is off for a while: the instrument is to be in tune."""
    window = np.hanning(round(TUNED_S * config.rate / config.hop) | 1)
    level = 10 ** (loudness_db / 20)
    off = convolve1d(level * motion[:, DEVIATION], window, mode="constant") / convolve1d(level, window, mode="constant")
    tuned = motion.copy()
    tuned[:, DEVIATION] -= off
    return tuned


def frame_centres(config, samples):
    """int (frames,): the sample at the centre of each whole frame."""
    return np.arange(samples // config.hop) * config.hop + config.hop // 2


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
    loudness_db = np.interp(np.arange(len(audio)), frame_centres(config, len(latents) * config.hop), latents[:, -1])
    return (audio * 10 ** ((-loudness_db if inverse else loudness_db) / 20)).astype(np.float32)


def _filterbank(rate):
    """float32 tensor (bins, bands): triangles, evenly spaced on the mel scale from 50 Hz to Nyquist."""
    edges_mel = np.linspace(_mel(50.0), _mel(rate / 2), BANDS + 2)
    edges = 700.0 * (10 ** (edges_mel / 2595.0) - 1.0)
    bins = np.fft.rfftfreq(spectrum_window(rate), 1 / rate)[:, None]
    rise = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    fall = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    return torch.from_numpy(np.maximum(0.0, np.minimum(rise, fall)).astype(np.float32))


def _mel(hz):
    return 2595.0 * np.log10(1.0 + hz / 700.0)
