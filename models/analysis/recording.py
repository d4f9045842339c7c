"""One recorded note, made ready for a model: onset, release, level and pitch found.

Levels are rms under windows of WINDOW_S, every STEP_S, in dB.
"""

from dataclasses import dataclass

import numpy as np
import soxr
from scipy import signal

from common.errors import ModelError, PitchError
from models.analysis.pitch import find_pitch

LEVEL = 0.2  # rms of the loudest hop of every note: the velocity curve of the engine alone makes soft and loud
LONGEST_S, SHORTEST_S = 8.0, 0.06  # of the note that is used
BEFORE_S = 0.005  # kept of what was there before the onset
STEP_S, WINDOW_S = 0.005, 0.02
LOWEST_HZ = 15.0  # what is below it, such as a constant, is no sound
SILENT_DB = -90.0  # below full scale
RISE_DB = 20.0  # below the loudest, a note has begun
NOISE_MARGIN_DB, LATEST_DB = 8.0, 6.0  # the onset is so much above the noise, but not closer to the loudest than that
BENDS, LEAST_NOISE_S = 65, 0.05  # moments tried as the end of the noise; less of it tells nothing
RISING_DB = 3.0  # from the first quarter to the last of what comes before: less of a rise is noise
LASTING_S = 0.1  # a shorter rise is a click
END_DB = 60.0  # below the loudest, a note is over
RELEASE_DB_PER_S, RELEASE_DB = 25.0, 10.0  # by so much faster does a released note fall, and at least so far
HELD_S = 0.15  # shortest; a plucked string's first moments are no held note
PITCH_S = 3.0  # of the note, from which its pitch is found


@dataclass(frozen=True)
class Recording:
    """A note as a model is to hear it.

    audio : float32 (samples,) at the model's rate, whole hops, BEFORE_S before the onset to the end of the sound
    f0_hz : its fundamental
    held : samples until the key was let go; all of them where no release is heard
    onset_s : where in the recording the note begins
    gain_db : what brought it to LEVEL
    """

    audio: np.ndarray
    f0_hz: float
    held: int
    onset_s: float
    gain_db: float


def prepare(audio, rate, hop, note_hz=None) -> Recording:
    """The first note of a recording.

    audio : float32 (samples,) at the model's `rate`, of any level; hop : samples per frame
    note_hz : the note as the player names it, where it is not to be found; its cents still are
    Raises ModelError where there is silence or next to nothing, PitchError where no pitch is heard.
    """
    audio = _without_rumble(np.asarray(audio, np.float32), rate)
    levels_db = _levels_db(audio, rate)
    if levels_db.max() < SILENT_DB:
        raise ModelError(f"nothing but silence in it up to {rate // 2} Hz; record it louder")
    start = _onset(audio, rate, levels_db)
    end = min(_end(levels_db, rate), start + round(LONGEST_S * rate), len(audio))
    if end - start < SHORTEST_S * rate:
        raise ModelError(
            f"only {1000 * (end - start) / rate:.0f} ms of sound; a note needs at least {1000 * SHORTEST_S:.0f} ms"
        )
    note = audio[max(start - round(BEFORE_S * rate), 0) : end]
    note = np.pad(note, (0, -len(note) % hop))
    held = _release(note, rate)
    gain = gain_to_level(note, hop)
    f0_hz = _f0_hz(note[: min(held, round(PITCH_S * rate))], rate, note_hz)
    return Recording((note * gain).astype(np.float32), f0_hz, held, start / rate, float(20 * np.log10(gain)))


def resampled(audio, rate, wanted):
    """float32 (samples,) at another rate."""
    return audio if rate == wanted else soxr.resample(audio, rate, wanted, "VHQ").astype(np.float32)


def gain_to_level(note, hop):
    """What brings the loudest hop of a note to an rms of LEVEL; 1 for silence. note : float (samples,)"""
    hops = note[: len(note) // hop * hop].reshape(-1, hop)
    loudest = np.sqrt((hops**2).mean(1)).max()
    return LEVEL / loudest if loudest > 0 else 1.0


def _f0_hz(note, rate, note_hz):
    pitch = find_pitch(note, rate, note_hz)
    if pitch.clear:
        return pitch.f0_hz
    if note_hz is None:
        raise PitchError("no clear pitch in it; name the note with --note, such as --note A4")
    return float(note_hz)


def _without_rumble(audio, rate):
    """A constant offset and what is too low to hear taken out, forward in time: nothing is heard before it began."""
    high_pass = signal.butter(2, LOWEST_HZ, "high", fs=rate, output="sos")
    offset = audio[: round(WINDOW_S * rate)].mean()
    return signal.sosfilt(high_pass, audio, zi=signal.sosfilt_zi(high_pass) * offset)[0]


def _levels_db(audio, rate, window_s=WINDOW_S, step_s=STEP_S):
    """float64 (steps,): level around each step; silence is assumed outside."""
    window, step = round(window_s * rate), round(step_s * rate)
    power = np.convolve(audio**2, np.full(window, 1 / window), "same") if len(audio) > window else audio**2
    return 10 * np.log10(np.maximum(power[::step], 1e-20))


def _onset(audio, rate, levels_db):
    """Sample at which the note begins: the first lasting rise above the noise, found to a millisecond."""
    step, lasting = round(STEP_S * rate), round(LASTING_S / STEP_S)
    risen = int(np.argmax(levels_db > levels_db.max() - RISE_DB))
    threshold_db = _threshold_db(levels_db[: max(risen, 1)], levels_db.max())
    above = (levels_db > threshold_db).astype(int)
    runs = np.convolve(above, np.ones(lasting, int), "valid")  # how many of those that follow are above
    first = int(np.argmax(runs == lasting)) if (runs == lasting).any() else int(np.argmax(above))
    begin = max(first * step - round(WINDOW_S * rate), 0)
    fine_db = _levels_db(audio[begin : first * step + round(WINDOW_S * rate)], rate, 0.001, 1 / rate)
    return begin + int(np.argmax(fine_db > threshold_db))


def _threshold_db(before_db, loudest_db):
    """Level at which a note begins. before_db : what came before it was loud, noise or a slow attack"""
    floor_db = loudest_db - END_DB
    noise = _noise(np.maximum(before_db, floor_db))
    noise_db = float(np.percentile(before_db[:noise], 20)) if noise else -np.inf
    return min(max(noise_db + NOISE_MARGIN_DB, floor_db), loudest_db - LATEST_DB)


def _noise(before_db):
    """How many steps of it are noise, which has no slope: up to where a line that rises from there fits best.

    A swell or a note played backwards rises from the first step on: none of it is noise.
    """
    edge = round(WINDOW_S / STEP_S / 2)  # there the window reaches out of the recording
    steps, levels_db = np.arange(len(before_db) - edge), before_db[edge:]
    if not len(levels_db):
        return 0
    quarter = -(-len(levels_db) // 4)
    if levels_db[-quarter:].mean() - levels_db[:quarter].mean() < RISING_DB:
        return len(before_db)
    bends = np.unique(np.linspace(0, len(steps), BENDS).astype(int))
    errors = [_error_of_bend(levels_db, np.maximum(steps - bend, 0)) for bend in bends]
    bend = int(bends[int(np.argmin(errors))])
    return bend + edge if bend >= LEAST_NOISE_S / STEP_S else 0


def _error_of_bend(levels_db, rise):
    """Squares left by the best constant and so much of a rise, which does not fall."""
    levels_db, rise = levels_db - levels_db.mean(), rise - rise.mean()
    slope = max(float(rise @ levels_db) / max(float(rise @ rise), 1e-9), 0.0)
    return float(((levels_db - slope * rise) ** 2).sum())


def _end(levels_db, rate):
    """Sample behind the last that is heard."""
    risen = int(np.argmax(levels_db > levels_db.max() - RISE_DB))
    threshold_db = _threshold_db(levels_db[: max(risen, 1)], levels_db.max()) if risen else levels_db.max() - END_DB
    return (int(np.flatnonzero(levels_db > threshold_db)[-1]) + 1) * round(STEP_S * rate)


def _release(note, rate):
    """Sample at which the key was let go: from there on the level falls much faster than before. Else the length."""
    step_s = 2 * STEP_S
    levels_db = _levels_db(note, rate, 2 * WINDOW_S, step_s)
    levels_db = np.maximum(levels_db, levels_db.max() - END_DB)
    loud = np.flatnonzero(levels_db > levels_db.max() - LATEST_DB)
    times = np.arange(len(levels_db)) * step_s
    margin = round(2 * WINDOW_S / step_s)
    begin = int(loud[0]) + round(HELD_S / step_s)
    best, split = np.inf, None
    for middle in range(begin, len(levels_db) - margin):
        parts = slice(int(loud[0]), middle), slice(middle, None)
        lines = [np.polyfit(times[part], levels_db[part], 1) for part in parts]
        error = sum(
            ((np.polyval(line, times[part]) - levels_db[part]) ** 2).sum()
            for line, part in zip(lines, parts, strict=True)
        )
        if error < best:
            best, split, slopes = error, middle, [line[0] for line in lines]
    if split is None or slopes[1] > slopes[0] - RELEASE_DB_PER_S or levels_db[split] - levels_db[-1] < RELEASE_DB:
        return len(note)
    return split * round(step_s * rate)
