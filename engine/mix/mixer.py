"""Voices -> stereo at the model's rate: channel gains and pan, the sum, DC blocker and master gain."""

import math

import numpy as np
from numba import njit

from common.smoothing import one_pole
from engine.events.controllers import DEFAULT_VOLUME

SMOOTHING_MS = 10.0  # time constant of volume, expression and pan
MASTER_MS = 6.0  # and of each of two, one after the other, of the master gain: it has no corner where a change begins
DC_BLOCK_HZ = 5.0
_PIANO_MIDDLE, _PIANO_HALF = 64.5, 43.5  # of the 88 keys, in MIDI numbers
_DENORMAL = 1e-20  # filter states and gains below it are zero

# The decoder's loudest notes peak near 0.5. A note at velocity 127, at General MIDI's default volume and in the centre,
# is to peak at -12 dBFS: four of them in phase just reach 0 dBFS, and what is beyond the limiter catches.
VOICE_PEAK = 10 ** (-12 / 20)
_DECODER_PEAK = 0.5
_DEFAULT_CHANNEL_GAIN = (DEFAULT_VOLUME / 127) ** 2 * math.sqrt(0.5)
VOICE_GAIN = VOICE_PEAK / (_DECODER_PEAK * _DEFAULT_CHANNEL_GAIN)


def key_pan(note: int, spread: float) -> float:
    """Place of a key, -1 left to 1 right: with spread 1 the lowest of a piano is left and the highest right, as its
    player hears them; with -1 the other way round."""
    return spread * min(max((note - _PIANO_MIDDLE) / _PIANO_HALF, -1.0), 1.0)


class Mixer:
    """The sum of all slots. Every voice smooths its channel's gains by itself, so that a new note has them at once."""

    def __init__(self, rate: int, slots: int):
        self._channels = np.zeros(slots, np.int64)
        self._fresh = np.zeros(slots, np.bool_)
        self._gains = np.zeros((slots, 3))  # left, right, width
        self._sides = np.ones((slots, 2))  # gains of each voice's own place between left and right
        self._coefficient = one_pole(SMOOTHING_MS, rate)

    def start(self, slot: int, channel: int, pan: float = 0.0) -> None:
        """A note begins on this MIDI channel. pan : of the voice, -1 left to 1 right, on top of the channel's"""
        self._channels[slot], self._fresh[slot] = channel, True
        pan = min(max(pan, -1.0), 1.0)
        self._sides[slot] = min(1.0 - pan, 1.0), min(1.0 + pan, 1.0)  # a balance: the centre is as loud as ever

    def mix(self, slots, audio, gains, channel_gains, width: float, offset: int, out) -> None:
        """Sum the voices.

        slots : int64 (n,); audio : float32 (n, samples), from the decoder, or of stereo voices (2 n, samples): all left
            sides, then all right ones; gains : float64 (n, samples)
        channel_gains : float64 (16, 2); width : of stereo voices, a gain of what differs between their sides
        out : float32 (2, tick), filled from `offset` on
        """
        _mix(
            slots, audio, gains, self._channels, self._fresh, self._gains, self._sides, channel_gains,
            width, self._coefficient, VOICE_GAIN, offset, out,
        )  # fmt: skip


class Bus:
    """What all voices share: DC blocker and master gain."""

    def __init__(self, rate: int):
        self._states = np.zeros((2, 2))  # per side: last input and last output of the DC blocker
        self._gain = np.ones(2)  # halfway smoothed, and smoothed
        self._coefficient = one_pole(MASTER_MS, rate)
        self._pole = 1.0 - 2.0 * math.pi * DC_BLOCK_HZ / rate

    def reset(self, gain: float) -> None:
        """Silence, and the gain at once where it shall be."""
        self._states[:] = 0.0
        self._gain[:] = gain

    def process(self, mix: np.ndarray, offset: int, samples: int, gain: float) -> None:
        """Change `samples` samples of `mix`, float32 (2, tick), in place. gain : linear, smoothed."""
        _bus(mix, offset, samples, self._states, self._pole, self._gain, gain, self._coefficient)


@njit(cache=True, nogil=True)
def _mix(
    slots, audio, gains, channels, fresh, smoothed, sides, channel_gains, width, coefficient, voice_gain, offset, out
):  # fmt: skip
    samples, stereo = audio.shape[1], audio.shape[0] > slots.size
    out[:, offset : offset + samples] = 0.0
    for row in range(slots.size):
        slot = slots[row]
        left, right = channel_gains[channels[slot]] * sides[slot]
        if fresh[slot]:
            smoothed[slot, 0], smoothed[slot, 1], smoothed[slot, 2] = left, right, width
            fresh[slot] = False
        for i in range(samples):
            smoothed[slot, 0] += coefficient * (left - smoothed[slot, 0])
            smoothed[slot, 1] += coefficient * (right - smoothed[slot, 1])
            gain = voice_gain * gains[row, i]
            sample = gain * audio[row, i]
            other = sample
            if stereo:
                smoothed[slot, 2] += coefficient * (width - smoothed[slot, 2])
                other = gain * audio[slots.size + row, i]
                middle, side = 0.5 * (sample + other), 0.5 * smoothed[slot, 2] * (sample - other)
                sample, other = middle + side, middle - side
            out[0, offset + i] += sample * smoothed[slot, 0]
            out[1, offset + i] += other * smoothed[slot, 1]
        for side in range(3):
            if smoothed[slot, side] < _DENORMAL:
                smoothed[slot, side] = 0.0


@njit(cache=True, nogil=True)
def _bus(mix, offset, samples, states, pole, smoothed, gain, coefficient):
    for i in range(offset, offset + samples):
        smoothed[0] += coefficient * (gain - smoothed[0])
        smoothed[1] += coefficient * (smoothed[0] - smoothed[1])
        for side in range(2):
            sample = np.float64(mix[side, i])
            if not math.isfinite(sample):  # a decoder gone wrong must not reach a loudspeaker
                sample = np.float64(0.0)
            level = sample - states[side, 0] + pole * states[side, 1]
            states[side, 0] = sample
            states[side, 1] = level if abs(level) > _DENORMAL else 0.0
            mix[side, i] = level * smoothed[1]
