"""Attack, decay and release of a note that is let go at a known time."""

from dataclasses import dataclass

import numpy as np

from models.evaluation.estimators.level import STEP_S, level_curve, rise

AFTER_ATTACK_S = 0.1
FAINT_DB = -50.0  # re the loudest: the decay is read down to here
FALLEN_DB = 20.0  # the release ends this far below where it began
SILENT_DB = -40.0  # a note that has decayed so far has no release
BEFORE_RELEASE_S = 0.05


@dataclass(frozen=True)
class Envelope:
    """attack_s : from 10 to 90 % of the peak

    decay_db_per_s : slope while held; 0 or negative, positive where it swells
    release_s : from note-off to 20 dB less, at most the rest of the sound; nan where the note had ended before
    """

    attack_s: float
    decay_db_per_s: float
    release_s: float


def envelope(audio, rate, f0_hz, held_s):
    """Envelope of a note. audio : float (samples,), beginning with the key."""
    curve = level_curve(audio, rate, f0_hz)
    off = round(held_s / STEP_S)
    held = curve[:off]
    ten, ninety = rise(held)
    return Envelope((ninety - ten) * STEP_S, _decay(held, ninety), _release(curve, off))


def _decay(held, ninety):
    """Slope of a straight line through the level in dB."""
    start = ninety + round(AFTER_ATTACK_S / STEP_S)
    faint = np.flatnonzero(held[start:] < held.max() * 10 ** (FAINT_DB / 20))
    end = start + int(faint[0]) if faint.size else len(held)
    if (end - start) * STEP_S < AFTER_ATTACK_S:
        return np.nan
    return float(np.polyfit(np.arange(end - start) * STEP_S, 20 * np.log10(held[start:end] + 1e-12), 1)[0])


def _release(curve, off):
    before = curve[off - round(BEFORE_RELEASE_S / STEP_S) : off].mean()
    if off >= len(curve) or before <= curve.max() * 10 ** (SILENT_DB / 20):
        return np.nan
    fallen = np.flatnonzero(curve[off:] < before * 10 ** (-FALLEN_DB / 20))
    return float((fallen[0] if fallen.size else len(curve) - off) * STEP_S)
