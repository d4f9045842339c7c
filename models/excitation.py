"""What drives the network in playing: a sine and a cosine for every harmonic, and noise in bands.

In training both come from the recording (harmonics.py): the harmonics' own tracked phases, and what the harmonics
leave over, brought to unit level. The embedding gives every harmonic and band its level, in training as in playing.
Free of torch. The kernels of the engine do the same in compiled loops.
"""

import numpy as np

from common.smoothing import one_pole, remaining
from models.config import MOTIONS, WaveNetConfig, phase_offsets

NOISE_S = 0.008  # length of the filters that cut noise into bands
DETUNE_MS = 50.0  # time constant of the random detuning of a harmonic
DETUNE_PHASE_MS = 50.0  # and of the phase that it gathers, which comes back: the note stays in tune
MOTION_MS = 2.0  # time constant with which the pitch follows the deviation channel
CENTS = np.log(2) / 1200  # relative change of a frequency by one cent


def stretched(k, stretch):
    """Frequencies of the partials k, relative to the first: k for stretch 0, else those of a stiff string.

    stretch : Fletcher's coefficient of inharmonicity B, in millionths
    """
    stiff = np.asarray(stretch, np.float64) * 1e-6
    return k * np.sqrt((1 + stiff * k**2) / (1 + stiff))


def band_edges(config: WaveNetConfig):
    """float64 (noise + 1,), as shares of Nyquist: ten bands at 16 kHz are 200 Hz to 1.2 kHz wide."""
    return (np.arange(config.noise + 1) / config.noise) ** 1.6


def noise_taps(config: WaveNetConfig):
    """Taps of these filters, an odd number: 129 at 16 kHz."""
    return round(NOISE_S * config.rate) | 1


def noise_bands(config: WaveNetConfig):
    """Filters that split a signal into bands: their sum is the signal, `noise_taps` // 2 samples late.

    returns : float64 (noise, taps), differences of windowed-sinc low-passes
    """
    edges, taps = band_edges(config)[:, None], noise_taps(config)
    time = np.arange(taps) - taps // 2
    low_passes = edges * np.sinc(edges * time) * np.hanning(taps + 2)[1:-1]
    return np.diff(low_passes, axis=0)


def noise_filters(config: WaveNetConfig):
    """`noise_bands`, each scaled so that white noise of variance 1 leaves it with variance 1."""
    bands = noise_bands(config)
    return bands / np.sqrt((bands**2).sum(1, keepdims=True))


class Excitation:
    """Harmonics and noise of one voice, sample after sample, from the start of its note."""

    def __init__(self, config: WaveNetConfig):
        harmonics = config.harmonics
        self.config, self.tick = config, config.tick
        self.filters = noise_filters(config) if config.noise else np.zeros((0, noise_taps(config)))
        self.k, self.offsets = np.arange(1, harmonics + 1), phase_offsets(harmonics)
        self.age, self.cycles, self.deviation_cents = 0, 0.0, 0.0
        self.detune = np.zeros(harmonics)  # random, of each harmonic now, in units of the spread
        self.detune_phase = np.zeros(harmonics)  # radians that this will have made by the end of the tick
        self.inharmonic_phase = np.zeros(harmonics)  # radians, by then beyond k times the fundamental's
        self.phasors = np.ones((2, harmonics), complex)  # at the start and the end of the tick
        self.white = np.zeros(noise_taps(config))  # newest first

    def block(self, f0_hz, motion, uniforms):
        """The next samples.

        f0_hz : (samples,) of the key; motion : (samples, MOTIONS) or, without any, (samples, 0)
        uniforms : (samples,) in [0, 1), one number for all that is random in a sample
        returns : harmonics (samples, 2 * harmonics), sines first, 0 above the limit; noise (samples, noise)
        """
        motion = motion if np.size(motion) else np.zeros((len(f0_hz), MOTIONS))
        rows = [self._sample(*row) for row in zip(f0_hz, motion, uniforms, strict=True)]
        harmonics, noise = zip(*rows, strict=True)
        return np.array(harmonics), np.array(noise)

    def _sample(self, f0_hz, motion, uniform):
        spread_cents, deviation_cents, stretch = map(float, motion)  # float32 would stay so in what follows
        if self.age % self.tick == 0:
            self._detune(f0_hz, spread_cents, stretch, uniform)
        step = one_pole(MOTION_MS, self.config.rate) if self.age else 1.0
        self.deviation_cents += step * (deviation_cents - self.deviation_cents)
        sounding_hz = f0_hz * np.exp(CENTS * self.deviation_cents)
        share = (self.age % self.tick) / self.tick
        phasors = (1 - share) * self.phasors[0] + share * self.phasors[1]
        waves = phasors * np.exp(1j * (2 * np.pi * self.k * self.cycles + self.offsets))
        waves *= self.k * sounding_hz < self.config.harmonic_limit_hz
        self.white[1:] = self.white[:-1]
        self.white[0] = np.sqrt(12) * (uniform - 0.5)
        self.cycles = (self.cycles + sounding_hz / self.config.rate) % 1.0
        self.age += 1
        return np.concatenate([waves.imag, waves.real]), self.filters @ self.white

    def _detune(self, f0_hz, spread_cents, stretch, uniform):
        """A tick begins: every harmonic takes a new random detuning, near its last one, beside that of its stretching.

        One that is stretched beyond the limit is silent at the end of the tick.
        """
        decay = remaining(DETUNE_MS, self.config.rate / self.tick) if self.age else 0.0
        self.detune = decay * self.detune + np.sqrt(1 - decay**2) * normals(int(uniform * 2**24), len(self.k))
        speed_hz = self.k * f0_hz * spread_cents * CENTS * self.detune
        left = remaining(DETUNE_PHASE_MS, self.config.rate / self.tick) * self.detune_phase
        self.detune_phase = left + 2 * np.pi * self.tick / self.config.rate * speed_hz
        partials_hz = f0_hz * stretched(self.k, stretch)
        self.inharmonic_phase += 2 * np.pi * self.tick / self.config.rate * (partials_hz - self.k * f0_hz)
        audible = partials_hz < self.config.harmonic_limit_hz
        ahead = np.exp(1j * (self.detune_phase + self.inharmonic_phase)) * audible
        self.phasors = np.stack([self.phasors[1], ahead])


def normals(seed, count):
    """float64 (count,), nearly normal, of variance 1: the sum of the four bytes of a hash.

    seed : int in [0, 2**24). Source of the mixing steps: MurmurHash3's finaliser (A. Appleby, public domain).
    """
    x = (seed + 0x9E3779B9 * np.arange(1, count + 1, dtype=np.uint64)) & 0xFFFFFFFF
    x = ((x ^ x >> 16) * 0x85EBCA6B) & 0xFFFFFFFF
    x = ((x ^ x >> 13) * 0xC2B2AE35) & 0xFFFFFFFF
    x ^= x >> 16
    total = (x & 255) + (x >> 8 & 255) + (x >> 16 & 255) + (x >> 24)
    return (total.astype(np.float64) - 510) / np.sqrt(4 * (256**2 - 1) / 12)
