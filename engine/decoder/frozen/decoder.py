"""Plays recordings: a phase runs through the held part, round its loop, and from the key's end on through the release.

The pad chooses and mixes the notes, sample by sample; f0 says how fast they are read. The level goes on as the clock
does, whatever the speed, and is between those of two keys for keys in between; it follows the latents, too, as that of
a network with a loudness channel.
"""

import numpy as np
from numba import njit

from common.pitch import key_hz
from common.smoothing import one_pole
from engine.decoder.frozen.reading import Notes, advanced, cell, kernel, level_db, mixed
from engine.decoder.protocol import LOUDNESS_MS
from models.frozen import Channel, FrozenConfig

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


class FrozenDecoder:
    """Decoder (see engine.decoder) of a frozen pad; temperature and randomness do not matter to it.

    weights : the tensors of `models.frozen.frozen_shapes`; voices : slots
    """

    def __init__(self, config: FrozenConfig, weights: dict[str, np.ndarray], voices: int):
        self.config = config
        self.voices = voices
        self._notes = Notes(
            notes=weights["notes"],
            steps=weights["peaks"] / np.float32(np.iinfo(np.int16).max),
            levels=weights["levels"],
            warps=weights["warps"],
            likeness=weights["likeness"],
            kernel=kernel(),
            tick=config.tick,
            side=config.side,
        )
        self._loops = weights["loops"].astype(np.float64)
        self._keys_hz = key_hz(np.array(config.keys)).astype(np.float32)  # as f0 is: the same key has the speed 1
        self._follow = one_pole(LOUDNESS_MS, config.rate)
        self._voices = np.zeros(voices, VOICE)
        self._points, self._weights = np.zeros(4, np.int64), np.zeros(4)  # of the cell in hand
        self.reset(np.arange(voices))

    def reset(self, slots: np.ndarray) -> None:
        """The next sample of these voices is the first of a note."""
        self._voices[slots] = np.zeros((), VOICE)
        self._voices["fresh"][slots] = True

    def render(self, slots, latents, f0_hz, temperature, uniforms, audio) -> None:
        """Fill `audio`; shapes as in the protocol."""
        config = self.config
        _render(
            slots, latents, f0_hz, audio, self._voices, self._notes, self._loops, self._keys_hz,
            config.rate, config.hop, config.release, self._follow, self._points, self._weights,
        )  # fmt: skip

    def close(self) -> None:
        """It has nothing to give back."""


@njit(cache=True, nogil=True, error_model="numpy")
def _render(slots, latents, f0_hz, audio, voices, notes, loops, keys_hz, rate, hop, release, follow, points, weights):
    for row in range(slots.size):
        voice, wanted = voices[slots[row]], latents[row]
        gain = np.exp(_DB * wanted[_LEVEL_DB])
        if voice.fresh:
            _begin(voice, wanted, gain, notes, loops, rate, hop)
        for i in range(audio.shape[1]):
            voice.x += follow * (wanted[_X] - voice.x)
            voice.y += follow * (wanted[_Y] - voice.y)
            voice.gain += follow * (gain - voice.gain)
            cell(notes, voice.x, voice.y, points, weights)
            if wanted[_RELEASED] > 0.0 and release and not voice.leaving:
                _leave(voice, notes, points, weights, rate / keys_hz[voice.key], release)
            if voice.leaving:
                voice.share += follow * (1.0 - voice.share)
            speed = float(f0_hz[row, i]) / float(keys_hz[voice.key])
            audio[row, i] = voice.gain * _next(voice, notes, points, weights, loops, speed)


@njit(cache=True, nogil=True, error_model="numpy")
def _begin(voice, wanted, gain, notes, loops, rate, hop):
    """A note: at its first sample, or as far behind it as the latents say, which stand for the middle of a frame."""
    keys = len(loops)
    place = min(max(wanted[_KEY], 0.0), keys - 1.0)
    voice.fresh = False
    voice.key = int(place + 0.5)
    voice.other = min(max(voice.key + (1 if place > voice.key else -1), 0), keys - 1)
    voice.distance = abs(place - voice.key)
    voice.x, voice.y, voice.gain = wanted[_X], wanted[_Y], gain
    start = wanted[_START_S] * rate + 0.5 * (hop - notes.tick) if wanted[_START_S] > 0.0 else 0.0
    voice.phase = voice.sample = min(start, loops[voice.key, 0])


@njit(cache=True, nogil=True, error_model="numpy")
def _leave(voice, notes, points, weights, period, release):
    """The key is up: the release part begins in the period and at the level that the note has now."""
    voice.leaving = True
    ahead = voice.phase - release
    voice.release_phase = max(release + ahead - period * np.round(ahead / period), 0.0)
    voice.release_sample = release
    held_db = _level_db(voice, notes, points, weights, release - notes.tick)  # the last tick that it was held in
    voice.release_db = _level_db(voice, notes, points, weights, voice.sample) - held_db


@njit(cache=True, nogil=True, error_model="numpy")
def _next(voice, notes, points, weights, loops, speed):
    """One sample of a voice, and its phases move on."""
    total = 0.0
    if voice.share < _ALL:
        level = _level_db(voice, notes, points, weights, voice.sample)
        sound = mixed(notes, voice.key, points, weights, voice.phase, speed)
        total += (1.0 - voice.share) * sound * np.exp(_DB * level)
        start, end = loops[voice.key]
        voice.phase = _folded(advanced(notes, voice.key, points, weights, voice.phase, speed), start, end)
        voice.sample = _folded(voice.sample + 1.0, start, end)
    if voice.leaving:
        level = _level_db(voice, notes, points, weights, voice.release_sample) + voice.release_db
        sound = mixed(notes, voice.key, points, weights, voice.release_phase, speed)
        total += voice.share * sound * np.exp(_DB * level)
        voice.release_phase = advanced(notes, voice.key, points, weights, voice.release_phase, speed)
        voice.release_sample += 1.0
    return total


@njit(cache=True, nogil=True, error_model="numpy")
def _level_db(voice, notes, points, weights, sample):
    """Between those of the two keys around the one that is played, as the levels of a network's latents are."""
    level = level_db(notes, voice.key, points, weights, sample)
    if voice.distance > 0.0:
        level += voice.distance * (level_db(notes, voice.other, points, weights, sample) - level)
    return level


@njit(cache=True, nogil=True, error_model="numpy")
def _folded(place, start, end):
    """Round the loop."""
    while place >= end:
        place -= end - start
    return place
