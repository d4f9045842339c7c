"""Where a voice's sound comes from: a network that is told the pitch, or one whose latents hold it.

The second plays a source note, the same for all corners of a voice, and its stream is resampled to the key: each voice
asks the decoder for its own number of samples, and time in the latents goes on as the clock does.
"""

from typing import Protocol

import numpy as np
from numba import njit

from engine.decoder.protocol import Decoder, rows_of_a_voice
from engine.voice.noise import Uniforms
from engine.voice.varispeed import Varispeed
from models.config import told_pitch

_A4, _A4_HZ = 69.0, 440.0  # the tuning of what was encoded


class Source(Protocol):
    """Latents and fundamentals -> audio at the model's rate, slot by slot.

    speed : samples that the decoder is asked for, for each that sounds: the mean of the voices rendered last
    beyond : whether one of these should be higher or lower than it can be
    """

    @property
    def speed(self) -> float: ...
    @property
    def beyond(self) -> bool: ...

    def start(self, slot: int, note_index: int) -> None:
        """A note begins, whatever was in its slot. note_index : notes started before it."""

    def render(self, slots, latents, notes, f0_hz, temperature, audio) -> None:
        """Fill `audio`, float32 (n, samples), or of a stereo network (2 n, samples): all left sides, all right ones.

        slots : int64 (n,); latents : float32 (slots, latent); notes : float64 (slots,), MIDI notes that they hold, if
        any; f0_hz : float32 (n, samples), that shall sound; temperature : float
        """


def source_of(decoder: Decoder, seed: int) -> Source:
    """What plays this decoder in tune."""
    return Told(decoder, seed) if told_pitch(decoder.config) else Repitched(decoder, seed)


class Told:
    """The network plays what it is told: where it is stereo all voices' left sides, then all their right ones."""

    speed = 1.0
    beyond = False

    def __init__(self, decoder: Decoder, seed: int):
        rows, config, sides = decoder.voices, decoder.config, rows_of_a_voice(decoder.config)
        self._decoder = decoder
        self._slots = rows // sides
        self._uniforms = [Uniforms(each, self._slots) for each in (seed, ~seed)[:sides]]
        self._rows = np.zeros(rows, np.int64)
        self._latents = np.zeros((rows, config.mixed), np.float32)
        self._temperature = np.zeros(rows, np.float32)
        self._noise, self._f0_hz = (np.zeros(rows * config.tick, np.float32) for _ in range(2))

    def start(self, slot, note_index):
        """See Source."""
        for side, uniforms in enumerate(self._uniforms):
            uniforms.start(slot, note_index)
            self._decoder.reset(np.array([slot + side * self._slots]))

    def render(self, slots, latents, notes, f0_hz, temperature, audio):
        """See Source."""
        count, samples = f0_hz.shape
        rows = len(self._uniforms) * count
        noise, pitches = (flat[: rows * samples].reshape(rows, samples) for flat in (self._noise, self._f0_hz))
        self._temperature[:] = temperature
        for side, uniforms in enumerate(self._uniforms):
            part = slice(side * count, (side + 1) * count)
            np.add(slots, side * self._slots, out=self._rows[part])
            np.take(latents, slots, axis=0, out=self._latents[part], mode="clip")  # "raise" would buffer
            pitches[part] = f0_hz
            if side:
                uniforms.render_beside(slots, noise[:count], noise[part])
            else:
                uniforms.render(slots, noise[part])
        self._decoder.render(
            self._rows[:rows], self._latents[:rows], pitches, self._temperature[:rows], noise, audio
        )  # fmt: skip


class Repitched:
    """The network plays the source note, and is read faster or slower: two octaves down to two up.

    Few calls of the decoder: all voices that lack samples get as many as the one that lacks least, then the others go
    on. So a decoder that advances voices together does as many steps as the highest voice needs.
    """

    def __init__(self, decoder: Decoder, seed: int):
        slots, tick = decoder.voices, decoder.config.tick
        self._decoder = decoder
        self._uniforms = Uniforms(seed, slots)
        self._varispeed = Varispeed(slots, tick)
        self._periods = np.zeros(slots)
        self._lacking = np.zeros(slots, np.int64)
        self._slots = np.zeros(slots, np.int64)
        self._latents = np.zeros((slots, decoder.config.latent), np.float32)
        self._temperature = np.zeros(slots, np.float32)
        self._noise, self._audio, self._f0_hz = (np.zeros(slots * self._varispeed.most, np.float32) for _ in range(3))

    @property
    def speed(self):
        """See Source."""
        return self._varispeed.speed

    @property
    def beyond(self):
        """See Source."""
        return self._varispeed.beyond

    def start(self, slot, note_index):
        """See Source."""
        self._decoder.reset(np.array([slot]))
        self._uniforms.start(slot, note_index)
        self._varispeed.start(slot)

    def render(self, slots, latents, notes, f0_hz, temperature, audio):
        """See Source."""
        np.exp2((_A4 - notes) / 12.0, out=self._periods)
        self._periods /= _A4_HZ
        self._temperature[:] = temperature
        self._varispeed.ask(slots, f0_hz, self._periods, self._lacking)
        voices, samples = self._next(slots, latents)
        while voices:
            self._decode(voices, samples)
            voices, samples = self._next(slots, latents)
        self._varispeed.read(slots, audio)

    def _next(self, slots, latents):
        return _next_call(slots, self._lacking, latents, self._slots, self._latents)

    def _decode(self, voices, samples):
        """The next samples of the voices that stand first in the buffers."""
        noise, audio, f0_hz = (
            flat[: voices * samples].reshape(voices, samples) for flat in (self._noise, self._audio, self._f0_hz)
        )
        slots = self._slots[:voices]
        self._uniforms.render(slots, noise)
        self._decoder.render(slots, self._latents[:voices], f0_hz, self._temperature[:voices], noise, audio)
        self._varispeed.append(slots, audio, self._periods)


@njit(cache=True, nogil=True)
def _next_call(slots, lacking, latents, called, called_latents):
    """The voices that lack samples, and as many samples as the one that lacks least; these are then not lacking.

    called : int64 (slots,), filled with their slots; called_latents : float32 (slots, latent), with their latents
    returns : (voices, samples), (0, 0) where none lacks any
    """
    samples = 0
    for row in range(slots.size):
        if lacking[row] and (samples == 0 or lacking[row] < samples):
            samples = lacking[row]
    voices = 0
    for row in range(slots.size):
        if lacking[row]:
            called[voices] = slots[row]
            called_latents[voices] = latents[slots[row]]
            lacking[row] -= samples
            voices += 1
    return voices, samples
