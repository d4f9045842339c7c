"""The pitch of a recorded note: SWIPE' over the whole note, then cents from the phases of its harmonics.

Source of the first step: Camacho and Harris 2008, "A sawtooth waveform inspired pitch estimator for speech and music",
JASA 124(3). Its spectra are averaged over the note before they are compared with the kernels, which is the same sum.
"""

import math
from dataclasses import dataclass

import numpy as np

LOWEST_HZ, HIGHEST_HZ = 26.0, 4400.0  # a little more than the keys A0 to C8
CANDIDATES_PER_OCTAVE = 48
ERB_STEP = 0.1  # of the frequencies at which spectra and kernels are compared
WINDOW_PERIODS = 8  # of a candidate: there the lobes of a Hann window are as wide as the kernel's
SMALLEST_WINDOW_S, LARGEST_WINDOW_S = 0.002, 0.512
CLEAR = 0.15  # strength of a pitch that can be trusted; noise stays below it
NEAR_CENTS = 60.0  # how far a recording may be from the note that a player names
FINE_HARMONICS = 8  # whose phases tell the cents
FINE_WINDOW_S = 0.128  # least
HARMONIC_WIDTH = 0.2  # share of the fundamental around each harmonic that is counted to it
UNEXPLAINED = 0.2  # share of the power between the harmonics from which another fundamental is looked for
WHISTLE, WHISTLE_BINS = 0.97, 8  # share of the power in so many bins on either side of the loudest: a pure tone
LATER_S = 0.002  # between two phases that are compared
_PRIMES = (1, 2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97)


@dataclass(frozen=True)
class Pitch:
    """f0_hz : fundamental, also where it is missing; strength : 0 (noise) to about 1 (a sawtooth's spectrum)."""

    f0_hz: float
    strength: float

    @property
    def clear(self) -> bool:
        """False where the sound has no pitch that one could name."""
        return self.strength >= CLEAR


def find_pitch(audio, rate, near_hz=None) -> Pitch:
    """The one pitch of a note.

    audio : float (samples,), from the onset on; near_hz : look only within NEAR_CENTS of it
    """
    count = int(np.log2(HIGHEST_HZ / LOWEST_HZ) * CANDIDATES_PER_OCTAVE) + 1
    candidates = LOWEST_HZ * 2.0 ** (np.arange(count) / CANDIDATES_PER_OCTAVE)
    if near_hz is None and (whistle_hz := _whistle_hz(audio, rate)):
        candidates = np.array([whistle_hz])
    elif near_hz is not None:
        candidates = near_hz * 2.0 ** (np.linspace(-NEAR_CENTS, NEAR_CENTS, 9) / 1200)
    strengths = _strengths(audio, rate, candidates)
    best = int(np.argmax(strengths))
    f0_hz = _refined(audio, rate, float(candidates[best]))
    if near_hz is None:
        f0_hz = _whole(audio, rate, f0_hz)
    return Pitch(f0_hz, float(strengths[best]))


def _strengths(audio, rate, candidates):
    """float64 (candidates,): likeness of the note's spectrum to that of a sawtooth of each pitch, at most 1."""
    top = _to_erb(rate / 2)
    grid = _from_erb(np.arange(_to_erb(LOWEST_HZ / 4), top, ERB_STEP))
    smallest, largest = (int(np.log2(round(seconds * rate))) for seconds in (SMALLEST_WINDOW_S, LARGEST_WINDOW_S))
    exponents = np.arange(smallest, largest + 1)
    spectra = np.array([_mean_spectrum(audio, rate, 2**exponent, grid) for exponent in exponents])
    wanted = np.clip(np.log2(WINDOW_PERIODS * rate / candidates), exponents[0], exponents[-1])
    nearness = np.maximum(0.0, 1.0 - np.abs(wanted[:, None] - exponents))
    return np.array([
        _kernel(candidate, grid) @ (share @ spectra) for candidate, share in zip(candidates, nearness, strict=True)
    ])  # fmt: skip


def _mean_spectrum(audio, rate, size, grid):
    """float64 (grid,): root of the magnitude, each frame at unit length, averaged by how loud the frames are."""
    padded = np.pad(audio, (size // 2, size + size // 2))
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[:: size // 2] * np.hanning(size)
    magnitude = np.abs(np.fft.rfft(frames))
    bins = np.arange(size // 2 + 1) * rate / size
    weights = np.sqrt((frames**2).mean(1))
    if not weights.any():
        return np.zeros(len(grid))
    total = np.zeros(len(grid))
    for row, weight in zip(magnitude, weights / weights.sum(), strict=True):
        loudness = np.sqrt(np.interp(grid, bins, row))
        total += weight * loudness / max(np.linalg.norm(loudness), 1e-12)
    return total


def _kernel(candidate, grid):
    """float64 (grid,): cosine lobes at the prime harmonics, half as deep valleys between, decaying as a sawtooth."""
    place = grid / candidate
    highest = int(place[-1] - 0.75)
    kernel = np.zeros(len(grid))
    for prime in _PRIMES:
        if prime > max(highest, 1):
            break
        distance = np.abs(place - prime)
        lobe = distance < 0.25
        kernel[lobe] = np.cos(2 * np.pi * place[lobe])
        valley = (distance > 0.25) & (distance < 0.75)
        kernel[valley] += np.cos(2 * np.pi * place[valley]) / 2
    kernel *= np.sqrt(1 / grid)
    return kernel / np.linalg.norm(kernel[kernel > 0])


def _refined(audio, rate, f0_hz):
    """The fundamental that the lower harmonics agree on, from how fast their phases turn.

    Looks far at first: a pure tone or a bell's partials may pull the candidate away by a tone.
    """
    for cents in (200, 50, 50):
        f0_hz = _turned(audio, rate, f0_hz, cents)
    return f0_hz


def _turned(audio, rate, f0_hz, cents):
    """Mean of f_k / k over the harmonics k that are within `cents` of it, the strong and low ones counting most."""
    size, later = _fine_window(rate, f0_hz, 1.5 * WINDOW_PERIODS), round(LATER_S * rate)
    turning = _turning(audio, size, later)
    numbers = np.arange(1, max(1, min(FINE_HARMONICS, int(0.95 * rate / 2 / f0_hz))) + 1)
    reach = np.minimum(2.0 ** (cents / 1200) - 1.0, 0.4 / numbers)  # not into the next harmonic
    weights, found_hz = np.zeros(len(numbers)), np.zeros(len(numbers))
    for row, (number, share) in enumerate(zip(numbers, reach, strict=True)):
        low, high = (round(number * f0_hz * (1 + sign * share) * size / rate) for sign in (-1, 1))
        peak = low + int(np.argmax(np.abs(turning[low : high + 1])))
        bin_angle = 2 * np.pi * peak * later / size
        angle = bin_angle + np.angle(turning[peak] * np.exp(-1j * bin_angle))
        weights[row], found_hz[row] = np.abs(turning[peak]) / number**2, angle * rate / (2 * np.pi * later * number)
    inside = np.abs(found_hz / f0_hz - 1.0) <= reach
    return float(np.average(found_hz[inside], weights=weights[inside])) if weights[inside].any() else f0_hz


def _whole(audio, rate, f0_hz):
    """A half or a third of the pitch, where the harmonics of that are what else is heard: its lowest are missing."""
    size = _fine_window(rate, f0_hz, 3 * WINDOW_PERIODS)
    power = np.abs(_turning(audio, size, round(LATER_S * rate)))
    hz = np.arange(len(power)) * rate / size
    rest = power.sum() - _harmonic_powers(power, hz, f0_hz).sum()
    if rest > UNEXPLAINED * power.sum():
        for part in (2, 3):
            shares = _harmonic_powers(power, hz, f0_hz / part) / rest
            shares[::part] = 0.0  # those of the first pitch
            if f0_hz / part > LOWEST_HZ and shares.sum() > 1 - UNEXPLAINED and (shares > UNEXPLAINED / 2).sum() > 1:
                return _turned(audio, rate, f0_hz / part, 50)
    return f0_hz


def _whistle_hz(audio, rate):
    """The one partial above all candidates that nearly all power is in; None where there is no such."""
    size = _fine_window(rate, HIGHEST_HZ, WINDOW_PERIODS)
    power = np.abs(_turning(audio, size, round(LATER_S * rate)))
    loudest = int(np.argmax(power))
    near = slice(loudest - WHISTLE_BINS, loudest + WHISTLE_BINS + 1)
    alone = loudest > WHISTLE_BINS and power[near].sum() > WHISTLE * power.sum()
    hz = loudest * rate / size
    return hz if alone and hz > HIGHEST_HZ else None


def _harmonic_powers(power, hz, f0_hz):
    """float64 (harmonics + 1,): power around each multiple of a fundamental, from the zeroth on."""
    place = hz / f0_hz
    number = np.round(place).astype(np.int64)
    return np.bincount(number, power * (np.abs(place - number) < HARMONIC_WIDTH))


def _fine_window(rate, f0_hz, periods):
    """Samples: a power of two, that holds so many periods and FINE_WINDOW_S."""
    return 1 << math.ceil(math.log2(max(periods * rate / f0_hz, round(FINE_WINDOW_S * rate))))


def _turning(audio, size, later):
    """complex128 (size / 2 + 1,): power of each bin, and by how much its phase turns in so many samples."""
    padded = np.pad(audio, (0, max(size + later - len(audio), 0)))
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)
    starts = np.arange(0, len(frames) - later, size // 2)
    before, after = (np.fft.rfft(frames[starts + shift] * np.hanning(size)) for shift in (0, later))
    return (after * before.conj()).sum(0)


def _to_erb(hz):
    """Equivalent rectangular bandwidths below a frequency (Glasberg and Moore 1990, as SWIPE' writes it)."""
    return 6.44 * (np.log2(229 + hz) - 7.84)


def _from_erb(erbs):
    return 2.0 ** (erbs / 6.44 + 7.84) - 229
