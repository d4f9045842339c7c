"""How loud a note is, moment by moment, and which stretch of it is worth analysing."""

import numpy as np
from scipy.signal import fftconvolve

STEP_S = 0.001  # between two points of a level curve
SHORTEST_WINDOW_S = 0.02
SETTLING_S = 0.05  # after the attack's end
FAINT_DB = -40.0  # below the loudest: what is fainter tells of noise, not of the note
LONGEST_S, SHORTEST_S = 2.0, 0.25  # of a stretch


def rms_db(audio):
    """Level re full scale; -inf for silence."""
    with np.errstate(divide="ignore"):
        return float(10 * np.log10(np.mean(np.square(audio, dtype=np.float64)))) if len(audio) else -np.inf


def level_curve(audio, rate, f0_hz):
    """rms amplitude every STEP_S, under a Hann window of two periods of f0, but at least SHORTEST_WINDOW_S.

    audio : float (samples,)
    returns : float64 (points,)
    """
    window = np.hanning(round(max(SHORTEST_WINDOW_S, 2 / f0_hz) * rate) | 1)
    power = fftconvolve(np.square(audio, dtype=np.float64), window / window.sum(), "same")
    return np.sqrt(np.maximum(power[:: round(STEP_S * rate)], 0.0))


def rise(curve):
    """Points of the curve at 10 and 90 % of its greatest value, on the way up."""
    top = curve.max()
    ninety = int(np.argmax(curve >= 0.9 * top))
    below = np.flatnonzero(curve[: ninety + 1] < 0.1 * top)
    return int(below[-1] + 1) if below.size else 0, ninety


def stretch(audio, rate, f0_hz, held_s):
    """The samples from past the attack until the note is faint or let go, SHORTEST_S to LONGEST_S.

    returns : slice of samples
    """
    curve = level_curve(audio[: round(held_s * rate)], rate, f0_hz)
    start = rise(curve)[1] + round(SETTLING_S / STEP_S)
    loud = np.flatnonzero(curve > curve.max() * 10 ** (FAINT_DB / 20))
    end = min(int(loud[-1]) if loud.size else start, start + round(LONGEST_S / STEP_S))
    end = max(end, start + round(SHORTEST_S / STEP_S))
    return slice(round(start * STEP_S * rate), round(end * STEP_S * rate))
