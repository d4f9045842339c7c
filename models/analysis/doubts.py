"""What in a recording is not one steady pitch: a model of one note's harmonics will play it otherwise."""

from dataclasses import dataclass

import numpy as np

from models.analysis.partials import find_partials
from models.analysis.pitch import find_pitch

LOOKED_AT_S = 3.0  # of the note
PARTIALS = 40  # that tell the stretch
LINE_HZ, MOVING, WIDTH = 4.0, 0.03, 0.2  # reach of a partial: at least, of its frequency, at most of the fundamental
SECOND = 0.1  # share of the power outside harmonics in which another pitch is looked for
GLIDE_CENTS = 80.0  # from the first third to the last; vibrato and intonation stay below


@dataclass(frozen=True)
class Doubts:
    """outside : share of the power, 0 to 1, that lies outside the harmonics, which may be stretched or move a little
    several : whether another pitch is clear in that, as in a chord or a bell
    glide_hz : pitches of the first and the last third, where they differ
    """

    outside: float
    several: bool
    glide_hz: tuple[float, float] | None


def find_doubts(audio, rate, f0_hz) -> Doubts:
    """audio : float (samples,), the held part of a note; f0_hz : what was found as its pitch"""
    audio = audio[: round(LOOKED_AT_S * rate)]
    outside, rest = _outside(audio, rate, f0_hz)
    glide_hz = _glide_hz(audio, rate)
    several = outside > SECOND and glide_hz is None and find_pitch(np.fft.irfft(rest, len(audio)), rate).clear
    return Doubts(outside, several, glide_hz)


def outside_harmonics(audio, rate, f0_hz) -> float:
    """See Doubts. audio, f0_hz : as of `find_doubts`"""
    return _outside(audio[: round(LOOKED_AT_S * rate)], rate, f0_hz)[0]


def _outside(audio, rate, f0_hz):
    """(share of the power, spectrum of what it is of)"""
    spectrum = np.fft.rfft(audio * np.hanning(len(audio)))
    rest = spectrum * _between(np.fft.rfftfreq(len(audio), 1 / rate), find_partials(audio, f0_hz, rate, PARTIALS))
    return float((np.abs(rest) ** 2).sum() / max((np.abs(spectrum) ** 2).sum(), 1e-30)), rest


def _between(hz, partials):
    """bool: which frequencies belong to no partial."""
    reach = np.minimum(np.maximum(LINE_HZ, MOVING * hz), WIDTH * partials.f0_hz)
    return partials.off_hz(hz) > reach


def _glide_hz(audio, rate):
    third = len(audio) // 3
    first, last = (find_pitch(part, rate) for part in (audio[:third], audio[-third:]))
    ratio = max(last.f0_hz / first.f0_hz, first.f0_hz / last.f0_hz)
    off_cents = abs(1200 * np.log2(ratio / round(ratio)))  # as it fades, another octave of the same note may be heard
    return (first.f0_hz, last.f0_hz) if first.clear and last.clear and off_cents > GLIDE_CENTS else None
