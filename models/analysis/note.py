"""What one note tells the default instrument: spectra, level, phases of its harmonics, and the noise that they leave.

Levels of harmonics and noise are natural logarithms relative to the level of the note at that moment.
"""

from dataclasses import dataclass

import numpy as np
import torch
from scipy.signal import oaconvolve

from models.analysis.frames import analyse, emphasise, frame_centres, frame_motion
from models.analysis.harmonics import (
    angles,
    below_nyquist,
    harmonic_powers,
    noise_density,
    odd_samples,
    remainder,
    step_samples,
    track_harmonics,
)
from models.analysis.partials import Partials, find_partials
from models.config import WaveNetConfig
from models.excitation import band_edges, noise_bands, noise_taps

NOISE_WINDOW_S = 0.032  # over which the level of noise is averaged
FAINTEST = 1e-3  # level of a harmonic, relative to the note's, below which nothing is to be learned
QUIET = 0.25  # share of the bins between harmonics that tell the level of noise
FAINTEST_NOISE = 2e-4  # and of a band of noise: there is nothing else in its place


@dataclass(frozen=True)
class Analysis:
    """One note.

    audio : float32 (samples,), emphasised
    spectra : float32 tensor (frames, bands); loudness_db : float32 (frames,)
    partials : where they lie
    angles : uint16 (steps, harmonics below the Nyquist frequency)
    motion : float32 (frames, MOTIONS), see `frame_motion`
    log_levels : float32 (frames, harmonics + noise), at least ln FAINTEST and ln FAINTEST_NOISE
    remainder : float16 (samples,), what lies between the harmonics
    log_remainder : float32 (frames, noise), its absolute level in each band
    """

    audio: np.ndarray
    spectra: torch.Tensor
    loudness_db: np.ndarray
    partials: Partials
    angles: np.ndarray
    motion: np.ndarray
    log_levels: np.ndarray
    remainder: np.ndarray
    log_remainder: np.ndarray


def analyse_note(config: WaveNetConfig, audio, f0_hz):
    """Analysis of float32 audio (samples,), a whole number of hops, of known pitch."""
    audio = emphasise(config, audio)
    partials = find_partials(audio, f0_hz, config.rate, config.harmonics)
    tracked = track_harmonics(audio, partials, config.rate, config.harmonics)
    centres = frame_centres(config, len(audio))
    spectra, loudness_db = analyse(config, torch.from_numpy(audio), f0_hz if config.motion else None)
    white = _white_noise(config, audio, partials, centres)
    amplitudes = _amplitudes(config, audio, partials, centres, white)
    noise = np.sqrt(white * _band_shares(config)) / levels(audio, config.rate, centres)[:, None]
    left = remainder(audio, partials, config.rate)
    found = [np.maximum(amplitudes, FAINTEST), np.maximum(noise, FAINTEST_NOISE)]
    return Analysis(
        audio=audio,
        spectra=spectra,
        loudness_db=loudness_db.numpy(),
        partials=partials,
        angles=angles(tracked[:, : below_nyquist(partials, config.rate, config.harmonics)]),
        motion=frame_motion(config, tracked, partials, len(audio)),
        log_levels=np.log(np.concatenate(found, 1)).astype(np.float32),
        remainder=left.astype(np.float16),
        log_remainder=np.log(_band_levels(config, left, centres)).astype(np.float32),
    )


def _amplitudes(config, audio, partials, centres, white):
    """float (frames, harmonics): amplitudes relative to the level of the sound, without the noise under them.

    white : `_white_noise`
    """
    powers, total, share = harmonic_powers(audio, partials, config.rate, config.harmonics)
    steps = centres // step_samples(config.rate)
    powers, total = powers[steps], total[steps, None]
    if config.noise:
        edges_hz = band_edges(config)[1:-1] * config.rate / 2
        powers = powers - share * white[:, np.searchsorted(edges_hz, partials.hz(config.harmonics))]
    return np.sqrt(np.maximum(powers, 0.0) / total)


def _white_noise(config, audio, partials, centres):
    """float (frames, noise): variance of the white noise that each band is cut from, by the faintest QUIET of what lies
    between harmonics.

    Sub-octaves, detuned second voices and resonances are lines there too, and would turn into hiss.
    """
    if not config.noise:
        return np.zeros((len(centres), 0))
    frequencies, density = noise_density(audio, partials, config.rate, centres)
    edges = band_edges(config) * config.rate / 2
    bands = [(frequencies >= low) & (frequencies <= high) for low, high in zip(edges, edges[1:], strict=False)]
    quiet = np.array([np.quantile(density[:, band], QUIET, axis=1) for band in bands])
    return quiet.T / -np.log(1 - QUIET)  # the power of noise in a bin is distributed exponentially


def _band_shares(config):
    """float (noise,): what each band lets through of the power of white noise."""
    return (noise_bands(config) ** 2).sum(1) if config.noise else np.zeros(0)


def _band_levels(config, left, centres):
    """float (frames, noise): level of what lies between the harmonics, in each band of noise."""
    if not config.noise:
        return np.zeros((len(centres), 0))
    bands = oaconvolve(left[None], noise_bands(config), axes=1)[:, noise_taps(config) // 2 :][:, : len(left)]
    return np.stack([levels(band, config.rate, centres) for band in bands], 1)


def levels(audio, rate, centres):
    """Root mean square under a Hann window around each centre, never 0."""
    window = np.hanning(odd_samples(NOISE_WINDOW_S, rate))
    power = oaconvolve(audio.astype(np.float64) ** 2, window / window.sum(), mode="same")[centres]
    return np.sqrt(np.maximum(power, 1e-14))
