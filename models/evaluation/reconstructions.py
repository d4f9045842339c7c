"""Recordings beside what a network makes of their embeddings, and of each other's: is the embedding heard at all?

A network that hears its own past may learn to copy that and to leave the embedding alone. So a sound is asked which
instrument it is: the one whose recording, of another velocity and a pitch nearby, has the most similar mean spectrum.
The recordings themselves do not always find their own, which is the ceiling.
"""

from dataclasses import dataclass

import numpy as np
from scipy.signal import stft

from models.evaluation.estimators.level import rms_db, stretch
from models.evaluation.estimators.partials import harmonic_share, noise_floor_db
from models.evaluation.estimators.pitch import cents, estimate_f0
from models.evaluation.identity import FLOOR_DB as FAINTEST_DB
from models.evaluation.identity import STEP, WINDOW, log_mel, mel_filterbank

FLOOR_DB = -40.0  # of a mean spectrum, re the level of the sound
NEAR = 3  # semitones to the recordings that a sound is compared with
IN_TUNE_CENTS, WRONG_CENTS = 5.0, 50.0


@dataclass(frozen=True)
class Original:
    """One recording. audio : float32 (samples,); held_s : until the release"""

    audio: np.ndarray
    rate: int
    instrument: str
    pitch: int
    f0_hz: float
    held_s: float


@dataclass(frozen=True)
class Reproduction:
    """What was played for one recording.

    cents : off the pitch that was asked for, nan for silence; level_db : re the recording; floor_db : between the
    harmonics; share : of the energy at them; mel_db : mean difference of the log-mel spectra; own : nearest to its own
    instrument
    """

    cents: float
    level_db: float
    floor_db: float
    share: float
    mel_db: float
    own: bool


def reproduction(original: Original, played, references: dict[str, np.ndarray]) -> Reproduction:
    """played : float32 (samples,), of one length with the recording; references : `mean_spectrum` of instruments"""
    rate, where = original.rate, stretch(original.audio, original.rate, original.f0_hz, original.held_s)
    heard = estimate_f0(played[where], rate, original.f0_hz)
    mine = mean_spectrum(played, rate)
    nearest = min(references, key=lambda name: float(np.abs(references[name] - mine).mean()))
    apart = np.abs(log_mel(played, rate) - log_mel(original.audio, rate)).mean()
    return Reproduction(
        cents=cents(heard, original.f0_hz),
        level_db=rms_db(played[where]) - rms_db(original.audio[where]),
        floor_db=noise_floor_db(played[where], rate, original.f0_hz),
        share=harmonic_share(played[where], rate, original.f0_hz),
        mel_db=float(apart) * -FAINTEST_DB / 2,
        own=nearest == original.instrument,
    )


def mean_spectrum(audio, rate):
    """Levels in dB of mel bands in the mean over time, re the level of the sound. float (bands,)"""
    _, _, spectrum = stft(audio, rate, nperseg=WINDOW, noverlap=WINDOW - STEP)
    power = mel_filterbank(rate) @ (np.abs(spectrum) ** 2).mean(1)
    return 10 * np.log10(power / max(power.sum(), 1e-20) + 10 ** (FLOOR_DB / 10))


def line(found: list[Reproduction]) -> list[str]:
    """The cells of one row of the table, as `HEADINGS`."""
    values = {name: np.array([getattr(each, name) for each in found], float) for name in Reproduction.__annotations__}
    off = np.nan_to_num(np.abs(values["cents"]), nan=np.inf)
    return [
        f"{int(values['own'].sum())} of {len(found)}",
        f"{np.median(values['floor_db']):.1f} dB",
        f"{np.mean(values['level_db']):+.1f} dB ({np.median(np.abs(values['level_db'])):.1f} off)",
        f"{np.median(off):.1f} cents ({100 * np.mean(off <= IN_TUNE_CENTS):.0f} % in tune, "
        f"{100 * np.mean(off > WRONG_CENTS):.0f} % wrong)",
        f"{100 * np.mean(values['share']):.0f} %",
        f"{np.mean(values['mel_db']):.1f} dB",
    ]


HEADINGS = ("nearest to its instrument", "noise floor", "level", "pitch", "at the harmonics", "log-mel distance")
