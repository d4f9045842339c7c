"""Where the partials of a note lie: at multiples of its fundamental, or further apart, as those of a stiff string.

Source: Fletcher 1964, "Normal vibration frequencies of a stiff piano string", JASA 36(1): f_k ~ k sqrt(1 + B k^2).
"""

from dataclasses import dataclass

import numpy as np

from models.excitation import stretched

MILLIONTHS = np.geomspace(5.0, 5000.0, 80)  # of B, that are tried
DETUNED_CENTS = np.arange(-15.0, 16.0)  # a recording may be off its key
LOOKED_AT_S = 2.0  # of the note
LEAST_LINE_HZ = 3.0  # on either side of a partial
GAIN = 1.06  # by which stretched partials must explain more of the spectrum


@dataclass(frozen=True)
class Partials:
    """f0_hz : the fundamental, which is the first partial; stretch : Fletcher's B in millionths, 0 for harmonics."""

    f0_hz: float
    stretch: float = 0.0

    def hz(self, count):
        """float64 (count,): frequencies of the first partials."""
        return self.f0_hz * stretched(np.arange(1, count + 1), self.stretch)

    def off_hz(self, frequencies):
        """Distance of each frequency to the nearest partial in Hz."""
        place = np.asarray(frequencies) / self.f0_hz
        if self.stretch:
            stiff = self.stretch * 1e-6
            place = np.sqrt((np.sqrt(1 + 4 * stiff * (1 + stiff) * place**2) - 1) / (2 * stiff))
        return np.abs(frequencies - self.f0_hz * stretched(np.maximum(np.round(place), 1), self.stretch))


def find_partials(audio, f0_hz, rate, count):
    """The Partials of a note of known pitch: those at which the spectrum has most amplitude.

    audio : float (samples,); count : partials looked at
    """
    audio = audio[: round(LOOKED_AT_S * rate)]
    amplitude = np.abs(np.fft.rfft(audio * np.hanning(len(audio))))
    power = np.append(0.0, np.cumsum(amplitude**2))
    half_width = max(LEAST_LINE_HZ, 2 * rate / len(audio)) * len(audio) / rate  # in bins
    tuned = f0_hz * 2 ** (DETUNED_CENTS / 1200)

    def explained(stretch):
        middle = tuned[:, None] * stretched(np.arange(1, count + 1), stretch) * len(audio) / rate
        first, last = (np.clip(np.rint(middle + side * half_width), 0, len(amplitude)) for side in (-1, 1))
        return np.sqrt(np.maximum(power[last.astype(int)] - power[first.astype(int)], 0)).sum(1).max()

    scores = [explained(stretch) for stretch in MILLIONTHS]
    best = int(np.argmax(scores))
    return Partials(f0_hz, float(MILLIONTHS[best]) if scores[best] > GAIN * explained(0.0) else 0.0)
