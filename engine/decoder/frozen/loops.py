"""The compiled loops: the four notes around a place on the pad, read at one phase and mixed; a voice, sample by sample.

All in one file, as numba's cache looks at the file of the function that is called and at no other.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from models.frozen import Channel, Neighbour

REACH = 16  # zero crossings of the sinc on either side
FINENESS = 512  # values of it between two of these; straight lines between them
_KAISER_BETA = 9.0
_EXACT = 1e-4  # a place so close to a sample is that sample
_MOST_STRETCH = 4.0  # of the sinc: two octaves up; what is higher aliases
_LEAST_SLOPE = 0.5  # an octave down is no vibrato
_FAINT = 1e-9  # weights below it do not sound
_RIGHT, _UP, _DIAGONAL, _CROSS = (int(neighbour) for neighbour in Neighbour)
_X, _Y, _KEY, _START_S, _RELEASED, _LEVEL_DB = (int(channel) for channel in Channel)
_ALL = 1.0 - 1e-6  # of the release: the held part is not heard any more
_DB = np.log(10.0) / 20.0

VOICE = np.dtype(
    [
        ("fresh", np.bool_),
        ("key", np.int64),  # row of the recordings
        ("other", np.int64),  # of the next one on the other side of the key that is played
        ("distance", np.float64),  # how far that lies from the first towards this one, 0 to 0.5
        ("x", np.float64),
        ("y", np.float64),
        ("gain", np.float64),  # linear, of the level channel
        ("share", np.float64),  # of the release part
        ("phase", np.float64),  # in the held part
        ("sample", np.float64),  # the same as time
        ("leaving", np.bool_),  # the release part has begun
        ("release_phase", np.float64),
        ("release_sample", np.float64),
        ("release_db", np.float64),  # by which the note is louder than the recorded one was when it was let go
    ],
    align=True,
)


class Notes(NamedTuple):
    """A frozen pad as the loops read it; shapes as in `models.frozen.frozen_shapes`.

    steps : float32 (keys, points), of one whole number
    kernel : float32 (2 * REACH * FINENESS + 2,), see `kernel`
    stands, before : int64 (keys, points), the point whose recording sounds there, and the one that sounded before
    arrived : float64 (keys, points), 0..1, share of the new one
    there : bool (keys,), keys of which a recording is there
    tick, side : see FrozenConfig
    """

    notes: np.ndarray
    steps: np.ndarray
    levels: np.ndarray
    warps: np.ndarray
    likeness: np.ndarray
    kernel: np.ndarray
    stands: np.ndarray
    before: np.ndarray
    arrived: np.ndarray
    there: np.ndarray
    tick: int
    side: int


def kernel() -> np.ndarray:
    """Kaiser-windowed sinc over its zero crossings -REACH to REACH, and a zero to lean on.

    It is 1 in the middle and 0 at the other crossings, so that a sample is read as it is.
    """
    time = np.arange(-REACH * FINENESS, REACH * FINENESS + 1) / FINENESS
    return np.append(np.sinc(time) * np.kaiser(len(time), _KAISER_BETA), 0.0).astype(np.float32)


@njit(cache=True, nogil=True, error_model="numpy")
def render(
    slots, latents, f0_hz, audio, voices, notes, loops, keys_hz, rate, hop, release, follow, arrive, points, weights
):
    for row in range(slots.size):
        voice, wanted = voices[slots[row]], latents[row]
        gain = np.exp(_DB * wanted[_LEVEL_DB])
        if voice.fresh:
            _begin(voice, wanted, gain, notes, loops, rate, hop)
        for i in range(audio.shape[1]):
            voice.x += follow * (wanted[_X] - voice.x)
            voice.y += follow * (wanted[_Y] - voice.y)
            voice.gain += follow * (gain - voice.gain)
            _cell(notes, voice.x, voice.y, points, weights)
            if wanted[_RELEASED] > 0.0 and release and not voice.leaving:
                _leave(voice, notes, points, weights, rate / keys_hz[voice.key], release, i * arrive)
            if voice.leaving:
                voice.share += follow * (1.0 - voice.share)
            speed = float(f0_hz[row, i]) / float(keys_hz[voice.key])
            audio[row, i] = voice.gain * _next(voice, notes, points, weights, loops, speed, i * arrive)


@njit(cache=True, nogil=True, error_model="numpy")
def _begin(voice, wanted, gain, notes, loops, rate, hop):
    """A note: at its first sample, or as far behind it as the latents say, which stand for the middle of a frame."""
    keys = len(loops)
    place = min(max(wanted[_KEY], 0.0), keys - 1.0)
    voice.fresh = False
    voice.key = _nearest_there(notes.there, place)
    voice.other = min(max(voice.key + (1 if place > voice.key else -1), 0), keys - 1)
    voice.distance = abs(place - voice.key) if abs(place - voice.key) <= 0.5 and notes.there[voice.other] else 0.0
    voice.x, voice.y, voice.gain = wanted[_X], wanted[_Y], gain
    start = wanted[_START_S] * rate + 0.5 * (hop - notes.tick) if wanted[_START_S] > 0.0 else 0.0
    voice.phase = voice.sample = min(start, loops[voice.key, 0])


@njit(cache=True, nogil=True)
def _nearest_there(there, place):
    """The row, of those that have a recording, that is nearest to a place between rows."""
    row = int(place + 0.5)
    for step in range(there.size):
        for candidate in (row + step, row - step):
            if 0 <= candidate < there.size and there[candidate]:
                return candidate
    return row


@njit(cache=True, nogil=True, error_model="numpy")
def _leave(voice, notes, points, weights, period, release, ahead):
    """The key is up: the release part begins in the period and at the level that the note has now."""
    voice.leaving = True
    beyond = voice.phase - release
    voice.release_phase = max(release + beyond - period * np.round(beyond / period), 0.0)
    voice.release_sample = release
    held_db = _level_db(voice, notes, points, weights, release - notes.tick, ahead)  # the last tick that it was held in
    voice.release_db = _level_db(voice, notes, points, weights, voice.sample, ahead) - held_db


@njit(cache=True, nogil=True, error_model="numpy")
def _next(voice, notes, points, weights, loops, speed, ahead):
    """One sample of a voice, and its phases move on. ahead : by how much more of what arrives is heard by then"""
    total = 0.0
    if voice.share < _ALL:
        level = _level_db(voice, notes, points, weights, voice.sample, ahead)
        sound = _mixed(notes, voice.key, points, weights, voice.phase, speed, ahead)
        total += (1.0 - voice.share) * sound * np.exp(_DB * level)
        start, end = loops[voice.key]
        voice.phase = _folded(_advanced(notes, voice.key, points, weights, voice.phase, speed), start, end)
        voice.sample = _folded(voice.sample + 1.0, start, end)
    if voice.leaving:
        level = _level_db(voice, notes, points, weights, voice.release_sample, ahead) + voice.release_db
        sound = _mixed(notes, voice.key, points, weights, voice.release_phase, speed, ahead)
        total += voice.share * sound * np.exp(_DB * level)
        voice.release_phase = _advanced(notes, voice.key, points, weights, voice.release_phase, speed)
        voice.release_sample += 1.0
    return total


@njit(cache=True, nogil=True, error_model="numpy")
def _level_db(voice, notes, points, weights, sample, ahead):
    """Between those of the two keys around the one that is played, as the levels of a network's latents are."""
    level = _recorded_db(notes, voice.key, points, weights, sample, ahead)
    if voice.distance > 0.0:
        level += voice.distance * (_recorded_db(notes, voice.other, points, weights, sample, ahead) - level)
    return level


@njit(cache=True, nogil=True, error_model="numpy")
def _folded(place, start, end):
    """Round the loop."""
    while place >= end:
        place -= end - start
    return place


@njit(cache=True, nogil=True, error_model="numpy")
def _cell(notes, x, y, points, weights):
    """Fill the grid points around a place, int64 (4,), and how much of each is there, float64 (4,)."""
    last = notes.side - 1
    x, y = min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)
    column, row = min(int(x * last), last - 1), min(int(y * last), last - 1)
    right, up = x * last - column, y * last - row
    for corner in range(4):
        east, north = corner & 1, corner >> 1
        points[corner] = (row + north) * notes.side + column + east
        weights[corner] = (right if east else 1.0 - right) * (up if north else 1.0 - up)


@njit(cache=True, nogil=True, error_model="numpy")
def _makeup(notes, key, points, weights):
    """Gain that makes a mixture of notes at an even level as loud as each of them is."""
    here, right, above = notes.likeness[key, points[0]], notes.likeness[key, points[1]], notes.likeness[key, points[2]]
    southwest, southeast, northwest, northeast = weights[0], weights[1], weights[2], weights[3]
    power = southwest**2 + southeast**2 + northwest**2 + northeast**2
    shared = southwest * southeast * here[_RIGHT] + northwest * northeast * above[_RIGHT]
    shared += southwest * northwest * here[_UP] + southeast * northeast * right[_UP]
    shared += southwest * northeast * here[_DIAGONAL] + southeast * northwest * here[_CROSS]
    return 1.0 / np.sqrt(power + 2.0 * shared)


@njit(cache=True, nogil=True, error_model="numpy")
def _mixed(notes, key, points, weights, phase, speed, ahead):
    """One sample, at an even level, of the notes at this phase, read at this speed."""
    sound = 0.0
    for corner in range(4):
        if weights[corner] > _FAINT:
            at = key, points[corner]
            value = _value(notes, key, notes.stands[at], phase, speed)
            share = notes.arrived[at] + ahead
            if share < 1.0:
                old = _value(notes, key, notes.before[at], phase, speed)
                value = old + share * (value - old)
            sound += weights[corner] * value
    return sound * _makeup(notes, key, points, weights)


@njit(cache=True, nogil=True, error_model="numpy")
def _value(notes, key, point, phase, speed):
    """One sample of one recording at an even level."""
    place = phase + _on_lines(notes.warps[key, point], phase / notes.tick)
    return notes.steps[key, point] * _sample(notes, key, point, place, speed)


@njit(cache=True, nogil=True, error_model="numpy")
def _recorded_db(notes, key, points, weights, sample, ahead):
    """How loud a recorded key is at a time, counted in samples."""
    total = 0.0
    for corner in range(4):
        at = key, points[corner]
        level = _on_lines(notes.levels[key, notes.stands[at]], sample / notes.tick)
        share = notes.arrived[at] + ahead
        if share < 1.0:
            old = _on_lines(notes.levels[key, notes.before[at]], sample / notes.tick)
            level = old + share * (level - old)
        total += weights[corner] * level
    return total


@njit(cache=True, nogil=True, error_model="numpy")
def _advanced(notes, key, points, weights, phase, speed):
    """The phase one sample later. speed : times the recorded one, of the notes' weighted mean"""
    tick = int(phase / notes.tick)
    slope = _slope(notes, key, points, weights, tick)
    rest = (tick + 1) * notes.tick - phase
    if rest * slope >= speed:
        return phase + speed / slope
    return phase + rest + (speed - rest * slope) / _slope(notes, key, points, weights, tick + 1)


@njit(cache=True, nogil=True, error_model="numpy")
def _slope(notes, key, points, weights, tick):
    """Samples of recording that pass in one of phase, during this tick."""
    slope = 1.0
    if tick + 1 < notes.warps.shape[2]:
        for corner in range(4):
            warp = notes.warps[key, points[corner]]
            slope += weights[corner] * (warp[tick + 1] - warp[tick]) / notes.tick
    return max(slope, _LEAST_SLOPE)


@njit(cache=True, nogil=True, error_model="numpy")
def _on_lines(values, place):
    """On straight lines through the values; the last one holds."""
    first = min(max(int(place), 0), values.size - 1)
    share = place - first
    return values[first] + share * (values[min(first + 1, values.size - 1)] - values[first])


@njit(cache=True, nogil=True, error_model="numpy")
def _sample(notes, key, point, place, speed):
    """The recording at a place between samples, in steps; silence where there is none."""
    note = notes.notes[key, point]
    nearest = int(place + 0.5)
    if speed == 1.0 and abs(place - nearest) < _EXACT:
        return float(note[nearest]) if nearest < note.size else 0.0
    return _between(note, place, min(max(speed, 1.0), _MOST_STRETCH), notes.kernel)


@njit(cache=True, nogil=True, fastmath={"reassoc"}, error_model="numpy")
def _between(values, place, stretch, kernel):
    """Values at a place between them, none below the Nyquist frequency / stretch; zero beyond their ends."""
    step = FINENESS / stretch
    first = max(int(np.ceil(place - REACH * stretch)), 0)
    last = min(int(np.floor(place + REACH * stretch)), values.size - 1)
    total = np.float32(0.0)
    for k in range(first, last + 1):
        at = (k - place) * step + REACH * FINENESS
        below = int(at)
        total += values[k] * (kernel[below] + np.float32(at - below) * (kernel[below + 1] - kernel[below]))
    return total / stretch


@njit(cache=True, nogil=True)
def read(values, places, kernel):
    """float64 (n,): values, (samples,), at places between them."""
    found = np.zeros(places.size)
    for i in range(places.size):
        found[i] = _between(values, places[i], 1.0, kernel)
    return found
