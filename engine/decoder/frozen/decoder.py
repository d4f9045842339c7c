"""Plays recordings: a phase runs through the held part, round its loop, and from the key's end on through the release.

The pad chooses and mixes the notes, sample by sample; f0 says how fast they are read; level and release follow the
latents as in a network with a loudness channel.
"""

import numpy as np
from numba import njit

from common.pitch import key_hz
from common.smoothing import one_pole
from engine.decoder.frozen.reading import Notes, advanced, cell, kernel, mixed
from engine.decoder.protocol import LOUDNESS_MS
from models.frozen import Channel, FrozenConfig

_X, _Y, _KEY, _START_S, _RELEASED, _LEVEL_DB = (int(channel) for channel in Channel)
_ALL = 1.0 - 1e-6  # of the release: the held part is not heard any more
_DB = np.log(10.0) / 20.0

VOICE = np.dtype(
    [
        ("fresh", np.bool_),
        ("key", np.int64),  # row of the recordings
        ("x", np.float64),
        ("y", np.float64),
        ("gain", np.float64),  # linear, of the level channel
        ("share", np.float64),  # of the release part
        ("phase", np.float64),  # in the held part
        ("leaving", np.bool_),  # the release part has begun
        ("release_phase", np.float64),
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
    voice.fresh = False
    voice.key = int(min(max(wanted[_KEY] + 0.5, 0.0), len(loops) - 1.0))
    voice.x, voice.y, voice.gain = wanted[_X], wanted[_Y], gain
    start = wanted[_START_S] * rate + 0.5 * (hop - notes.tick) if wanted[_START_S] > 0.0 else 0.0
    voice.phase = min(start, loops[voice.key, 0])


@njit(cache=True, nogil=True, error_model="numpy")
def _leave(voice, notes, points, weights, period, release):
    """The key is up: the release part begins in the period and at the level that the note has now."""
    voice.leaving = True
    ahead = voice.phase - release
    voice.release_phase = release + ahead - period * np.round(ahead / period)
    _, level_db = mixed(notes, voice.key, points, weights, voice.phase, 1.0)
    _, recorded_db = mixed(
        notes, voice.key, points, weights, float(release - notes.tick), 1.0
    )  # it was held until then
    voice.release_db = level_db - recorded_db


@njit(cache=True, nogil=True, error_model="numpy")
def _next(voice, notes, points, weights, loops, speed):
    """One sample of a voice, and its phases move on."""
    total = 0.0
    if voice.share < _ALL:
        sound, level_db = mixed(notes, voice.key, points, weights, voice.phase, speed)
        total += (1.0 - voice.share) * sound * np.exp(_DB * level_db)
        voice.phase = advanced(notes, voice.key, points, weights, voice.phase, speed)
        while voice.phase >= loops[voice.key, 1]:
            voice.phase -= loops[voice.key, 1] - loops[voice.key, 0]
    if voice.leaving:
        sound, level_db = mixed(notes, voice.key, points, weights, voice.release_phase, speed)
        total += voice.share * sound * np.exp(_DB * (level_db + voice.release_db))
        voice.release_phase = advanced(notes, voice.key, points, weights, voice.release_phase, speed)
    return total
