"""Whether a held note stays what it is."""

from dataclasses import dataclass

import numpy as np

from models.evaluation.estimators.level import rms_db

SETTLED_S = 3.0  # after the attack
SECTION_S = 20.0  # at both ends, compared for drift
SHORT_S, LONG_S = 0.05, 1.0  # windows that see bursts, and silence
BANDS_HZ = np.geomspace(60, 7600, 25)


@dataclass(frozen=True)
class Stability:
    """Of one held note, in dB.

    drift_db : level at the end re the beginning
    burst_db : the loudest 50 ms re the median
    dip_db : the faintest second re the median
    colour_db : mean change of the band spectrum from the beginning to the end, levels made equal
    """

    drift_db: float
    burst_db: float
    dip_db: float
    colour_db: float


def stability(audio, rate):
    """Stability of a note that sounds to its end; all nan where it holds a value that is not finite.

    audio : float (samples,), at least twice SETTLED_S long
    """
    if not np.isfinite(audio).all():
        return Stability(np.nan, np.nan, np.nan, np.nan)
    audio = audio[round(SETTLED_S * rate) :]
    short, long = _levels_db(audio, round(SHORT_S * rate)), _levels_db(audio, round(LONG_S * rate))
    section = min(round(SECTION_S * rate), len(audio) // 2)
    first, last = audio[:section], audio[-section:]
    colour = _bands_db(last, rate) - _bands_db(first, rate)
    return Stability(
        drift_db=rms_db(last) - rms_db(first),
        burst_db=float(short.max() - np.median(short)),
        dip_db=float(long.min() - np.median(long)),
        colour_db=float(np.abs(colour - np.median(colour)).mean()),
    )


def _levels_db(audio, window):
    blocks = audio[: len(audio) // window * window].reshape(-1, window)
    return 10 * np.log10(np.mean(np.square(blocks, dtype=np.float64), 1) + 1e-30)


def _bands_db(audio, rate):
    """Level of each band re the loudest one, nothing below -60 dB."""
    power = np.abs(np.fft.rfft(audio * np.hanning(len(audio)))) ** 2
    index = np.digitize(np.fft.rfftfreq(len(audio), 1 / rate), BANDS_HZ)
    bands = np.array([power[index == band].sum() for band in range(1, len(BANDS_HZ))])
    return 10 * np.log10(bands / max(bands.max(), 1e-30) + 1e-6)
