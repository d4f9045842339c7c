"""A recording taken apart: levels of harmonics and noise, free partials, level, motion, and what the encoder hears.

The encoder and the motion are those of the WaveNet before it, at its rate and with its emphasis, so that an embedding
means what it meant.
"""

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import soxr
import torch

from models.analysis.doubts import outside_harmonics
from models.analysis.frames import analyse, emphasise, frame_centres, frame_motion
from models.analysis.harmonics import (
    harmonic_powers,
    noise_density,
    remainder,
    step_samples,
    track_harmonics,
)
from models.analysis.note import levels
from models.analysis.partials import Partials, find_partials
from models.harmonic.bands import centres_hz
from models.harmonic.config import LEVEL, PARTIAL, RATIO, HarmonicConfig
from models.harmonic.lines import find_lines, take_lines

FAINTEST, FAINTEST_NOISE = 1e-4, 1e-6  # relative to the note's level; below it there is nothing
FAINTEST_LINE = 127 / 16  # ln below the note's level: a free partial that is not there
UNPITCHED = 0.6  # share of the power outside harmonics from which a sound has none: it is lines and noise alone
MEDIAN = np.log(2)  # of an exponential distribution of mean 1, as the power of noise in a bin is distributed


@dataclass(frozen=True)
class Analysis:
    """One note.

    spectra : float32 tensor (frames, bands of the encoder); loudness_db : float32 (frames,)
    partials : where its harmonics lie
    motion : float32 (frames, MOTIONS), see `frame_motion`
    log_levels : float32 (frames, levels), natural logarithms: harmonics' amplitudes and, of the bands, the standard
        deviation of white noise that has as much there, both relative to the level of the note at that moment
    free : float32 (frames, PARTIAL, partials), LEVEL and RATIO of the free partials
    """

    spectra: torch.Tensor
    loudness_db: np.ndarray
    partials: Partials
    motion: np.ndarray
    log_levels: np.ndarray
    free: np.ndarray


def analyse_note(config: HarmonicConfig, audio, f0_hz, held=None):
    """Analysis of a note of known pitch.

    audio : float32 (samples,), a whole number of hops; held : samples until the release; None: all
    """
    audio = np.asarray(audio, np.float32)
    centres = frame_centres(config, len(audio))
    spectra, motion, partials = _heard(config, audio, f0_hz)
    _, loudness_db = analyse(config, torch.from_numpy(audio), f0_hz)
    level = levels(audio, config.rate, centres)
    pitched = outside_harmonics(audio[:held], config.rate, f0_hz) < UNPITCHED
    there = partials if pitched else Partials(2.0 * config.rate)  # out of the way
    lines, free = _free_partials(config, audio, there, f0_hz, centres, level, held)
    audio = (audio - lines).astype(np.float32)
    density = _noise_density(config, audio, there, centres)
    harmonics = _amplitudes(config, audio, partials, centres, density) * pitched
    noise = np.sqrt(density) / level[:, None]
    log_levels = np.log(np.concatenate([np.maximum(harmonics, FAINTEST), np.maximum(noise, FAINTEST_NOISE)], 1))
    return Analysis(spectra, loudness_db.numpy(), partials, motion, log_levels.astype(np.float32), free)


def _heard(config, audio, f0_hz):
    """(spectra, motion, Partials) of the sound as the encoder hears it."""
    rate = config.encoder_rate
    heard = SimpleNamespace(rate=rate, hop=config.hop * rate // config.rate, emphasis=config.emphasis)
    frames = len(audio) // config.hop
    sound = soxr.resample(audio, config.rate, rate, "VHQ")[: frames * heard.hop]
    sound = emphasise(heard, np.pad(sound, (0, frames * heard.hop - len(sound))))
    partials = find_partials(sound, f0_hz, rate, config.harmonics)
    tracked = track_harmonics(sound, partials, rate, config.harmonics)
    spectra, _ = analyse(heard, torch.from_numpy(sound), f0_hz)
    return spectra, frame_motion(heard, tracked, partials, len(sound)), partials


def _free_partials(config, audio, partials, f0_hz, centres, level, held):
    """(their waveform, float (samples,); float32 (frames, PARTIAL, partials))."""
    left = remainder(audio, partials, config.rate)
    found = find_lines(left, partials, config.rate, config.partials, held or len(audio))
    lines, waveform = take_lines(left, found[found < config.harmonic_limit_hz], config.rate, centres)
    free = np.zeros((len(centres), PARTIAL, config.partials), np.float32)
    free[:, LEVEL], free[:, RATIO] = -FAINTEST_LINE / 2, 1.0
    for row, line in enumerate(lines):
        free[:, RATIO, row] = line.hz / f0_hz
        relative = np.log(np.maximum(line.amplitude / level, np.exp(-FAINTEST_LINE)))
        free[:, LEVEL, row] = np.minimum(relative, FAINTEST_LINE) / 2
    return waveform, free


def _noise_density(config, audio, partials, centres):
    """float (frames, bands): variance of the white noise that has as much in each band, by the median of the bins.

    A band that lies between two harmonics alone has its neighbours' mean.
    """
    hz, density = noise_density(audio, partials, config.rate, centres)
    middles = centres_hz(config)
    edges = np.concatenate([[0.0], (middles[1:] + middles[:-1]) / 2, [config.rate]])
    rows = np.searchsorted(hz, edges)
    there = np.flatnonzero(np.diff(rows))
    medians = np.stack([np.median(density[:, rows[band] : rows[band + 1]], 1) for band in there]) / MEDIAN
    logs = np.log(np.maximum(medians, 1e-20))
    return np.exp(np.stack([np.interp(middles, middles[there], column) for column in logs.T]))


def _amplitudes(config, audio, partials, centres, density):
    """float (frames, harmonics): amplitudes relative to the level of the sound, without the noise under them."""
    powers, total, share = harmonic_powers(audio, partials, config.rate, config.harmonics)
    steps = centres // step_samples(config.rate)
    hz, middles = partials.hz(config.harmonics), centres_hz(config)
    under = np.stack([np.interp(hz, middles, row) for row in density])
    return np.sqrt(np.maximum(powers[steps] - share * under, 0.0) / total[steps, None])
