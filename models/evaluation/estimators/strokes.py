"""Single short notes of any velocity and place on the pad: none is silent, bursts or is off pitch."""

from dataclasses import dataclass

import numpy as np

from models.evaluation.estimators.level import stretch
from models.evaluation.estimators.pitch import cents, estimate_f0

WINDOW_S = 0.05


@dataclass(frozen=True)
class Stroke:
    """level_db : the loudest 50 ms, less what the velocity alone does (by the curve that was played with); nan where
    a sample is not finite; peak : greatest sample; cents : pitch re the key"""

    name: str
    key: int
    velocity: int
    level_db: float
    peak: float
    cents: float


def stroke(note, audio, rate):
    """Stroke of a played Note."""
    window = round(WINDOW_S * rate)
    power = np.mean(np.square(audio[: len(audio) // window * window], dtype=np.float64).reshape(-1, window), 1).max()
    level_db = 10 * np.log10(power + 1e-30) - 40 * note.velocity_curve * np.log10(note.velocity / 127)
    loudened = audio / max(np.sqrt(power), 1e-15)  # the softest stroke is 84 dB down
    where = stretch(loudened, rate, note.f0_hz, note.held_s)
    hz = estimate_f0(loudened[where], rate, note.f0_hz)
    return Stroke(
        note.name, note.key, note.velocity, float(level_db), float(np.abs(audio).max()), cents(hz, note.f0_hz)
    )
