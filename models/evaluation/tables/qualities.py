"""Qualities of notes that can be measured, for sets in which nobody has labelled them.

NSynth's words: "fast decay: the amplitude envelope of all harmonics decays substantially before the note-off at 3 s",
"long release: it decays slowly after the note-off, sometimes still present at 4 s", "percussive: a loud non-harmonic
sound at note onset", "bright: a large amount of high frequency content", "dark: a distinct lack of it". The numbers are
this project's. Source of the words: Engel et al. 2017, table 3 of the appendix.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from models.data.nsynth import QUALITIES, RATE

NAMES = (
    "bright", "dark", "distortion", "fast_decay", "long_release", "multiphonic", "nonlinear_env", "percussive",
    "reverb", "tempo-synced",
)  # fmt: skip
WINDOW = RATE // 20  # samples of a level
HELD = 3 * RATE
AUDIBLE_DB = -50.0  # below the note's loudest level


@dataclass(frozen=True)
class Rule:
    """text : in plain words; holds : whether it does, of float32 (samples,) of four seconds"""

    text: str
    holds: Callable[[np.ndarray], bool]


def _levels_db(audio):
    """float64 (windows,), of 50 ms each."""
    power = (audio[: len(audio) // WINDOW * WINDOW].astype(np.float64).reshape(-1, WINDOW) ** 2).mean(1)
    return 10 * np.log10(power + 1e-12)


def _centroid_hz(audio):
    """Middle of the magnitudes of the held part."""
    magnitudes = np.abs(np.fft.rfft(audio[:HELD] * np.hanning(HELD)))
    return float((magnitudes * np.fft.rfftfreq(HELD, 1 / RATE)).sum() / max(magnitudes.sum(), 1e-12))


def _decays(audio):
    levels = _levels_db(audio)
    return levels[HELD // WINDOW - 2] < levels.max() - 20.0


def _rings(audio):
    levels = _levels_db(audio)
    released = levels[HELD // WINDOW - 1]
    return released > levels.max() + AUDIBLE_DB and levels[-2] > released - 20.0


def _strikes(audio):
    levels = _levels_db(audio)
    onset = int(np.argmax(levels > levels.max() + AUDIBLE_DB / 2))
    peak = levels[onset : onset + 2].max()
    return peak >= levels.max() - 1.0 and levels[onset + 4] < peak - 6.0


RULES = {
    "bright": Rule("spectral centroid of the held part above 2 kHz", lambda audio: _centroid_hz(audio) > 2000.0),
    "dark": Rule("spectral centroid of the held part below 600 Hz", lambda audio: _centroid_hz(audio) < 600.0),
    "fast_decay": Rule("at 2.9 s more than 20 dB below its loudest", _decays),
    "long_release": Rule("at 3.9 s less than 20 dB below its level at 2.95 s, if that is heard", _rings),
    "percussive": Rule("loudest in the first 0.1 s, and 6 dB below that 0.2 s after the onset", _strikes),
}


def measured(audio: np.ndarray) -> np.ndarray:
    """bool (QUALITIES,): what the rules say of a note, float32 (samples,); False where there is no rule."""
    labels = np.zeros(QUALITIES, np.bool_)
    for name, rule in RULES.items():
        labels[NAMES.index(name)] = rule.holds(audio)
    return labels
