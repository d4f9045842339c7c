"""Attack, decay, sustain, release and velocity of every voice, sample by sample; and the fade of stolen ones."""

import math

import numpy as np
from numba import njit

from common.smoothing import one_pole
from engine.parameters import Param

FADE_MS = 5.0  # stolen and silenced voices, and those whose last frame has passed
MIN_ATTACK_MS = 0.5  # even a voice that starts at full level rises without a click
_SHORT_MS = 30.0  # releases below it have no corner where they begin: their speed rises, as of a key that is let go
_RISE = 0.08  # of such a release, the time constant of its speed
_OVERSHOOT = 1e-3  # decay and release times are those for 60 dB; the release then goes straight to zero

ATTACK, DECAY, RELEASE, ENDED = range(4)

VOICE = np.dtype(
    [
        ("stage", np.int64),
        ("level", np.float64),  # in the attack the share of its time that has passed
        ("gain", np.float64),  # of the velocity and the soft pedal
        ("fade", np.float64),  # 1 while alive, falling to 0 once fading
        ("fading", np.bool_),
        ("speed", np.float64),  # of the release
    ],
    align=True,
)


def velocity_gain(velocity: int, curve: float) -> float:
    """Gain of a key stroke: (velocity / 127) ** (2 curve).

    curve 0 : every stroke equally loud; 1 : 40 log, as MIDI volume, some 12 dB from velocity 127 to 64; 2 : twice that
    """
    return (velocity / 127) ** (2.0 * curve)


def key_gain(note: int, octave_db: float) -> float:
    """Gain of a key, so many dB an octave from middle C upwards."""
    return 10.0 ** (octave_db * (note - 60) / 12.0 / 20.0)


class Envelopes:
    """The envelopes of all slots; a slot starts ended. New parameters reach sounding notes too."""

    def __init__(self, rate: int, slots: int):
        self._rate = rate
        self._voices = np.zeros(slots, VOICE)
        self._voices["stage"] = ENDED
        # Attack per sample, decay coefficient, sustain level, release coefficient, how fast that one is reached.
        self._steps = np.zeros(5)
        self._fade = 1000.0 / (FADE_MS * rate)

    def set_parameters(self, parameters: np.ndarray) -> None:
        """parameters : float64, rows of the parameter table."""
        attack_ms, release_ms = max(parameters[Param.ATTACK_MS], MIN_ATTACK_MS), parameters[Param.RELEASE_MS]
        rise_ms = _RISE * release_ms if release_ms < _SHORT_MS else 0.0
        self._steps[:] = (
            1000.0 / (attack_ms * self._rate),
            self._coefficient(parameters[Param.DECAY_MS]),
            parameters[Param.SUSTAIN],
            self._coefficient(release_ms - rise_ms),
            one_pole(rise_ms, self._rate) if rise_ms else 1.0,
        )

    def start(self, slot: int, gain: float) -> None:
        """A note begins. gain : of its velocity."""
        self._voices[slot] = (ATTACK, 0.0, gain, 1.0, False, 0.0)

    def release(self, slot: int) -> None:
        """The key was let go."""
        voice = self._voices[slot]
        if voice["stage"] == ATTACK:
            voice["level"] = _smooth(voice["level"])
        if voice["stage"] != ENDED:
            voice["stage"] = RELEASE

    def fade(self, slot: int) -> None:
        """Silence this voice within FADE_MS, whatever it does."""
        self._voices[slot]["fading"] = True

    def reset(self) -> None:
        """Silence all at once."""
        self._voices["stage"] = ENDED

    def ended(self, slot: int) -> bool:
        """Whether the voice has reached silence."""
        return self._voices[slot]["stage"] == ENDED

    def level(self, slot: int) -> float:
        """Level of the voice now: envelope x velocity x fade."""
        voice = self._voices[slot]
        level = _smooth(voice["level"]) if voice["stage"] == ATTACK else voice["level"]
        return float(level * voice["gain"] * voice["fade"])

    def loudness(self) -> list[float]:
        """By slot, what stealing compares: as `level`, but a voice in its attack counts as if it were over."""
        return self.levels().tolist()

    def levels(self) -> np.ndarray:
        """`loudness` as float64 (slots,)."""
        voices = self._voices
        levels = np.where(voices["stage"] == ATTACK, 1.0, voices["level"])
        return levels * voices["gain"] * voices["fade"] * (voices["stage"] != ENDED)

    def render(self, slots: np.ndarray, gains: np.ndarray) -> None:
        """Fill the next gains of these voices. slots : int64 (n,); gains : float64 (n, samples)."""
        _render(slots, self._voices, self._steps, self._fade, gains)

    def _coefficient(self, time_ms: float) -> float:
        """One-pole coefficient that goes from 1 to 0 in `time_ms` when it aims at -_OVERSHOOT."""
        return one_pole(time_ms, self._rate, math.log((1.0 + _OVERSHOOT) / _OVERSHOOT))


@njit(cache=True, nogil=True)
def _smooth(share):
    """An S from 0 to 1 without a corner at either end."""
    return share * share * (3.0 - 2.0 * share)


@njit(cache=True, nogil=True, error_model="numpy")
def _render(slots, voices, steps, fade_step, gains):
    attack, decay, sustain, release, rise = steps
    low = sustain if sustain > 0.0 else -_OVERSHOOT  # without sustain the decay ends the voice
    for row in range(slots.size):
        voice = voices[slots[row]]
        for i in range(gains.shape[1]):
            if voice.stage == ATTACK:
                voice.level += attack
                if voice.level >= 1.0:
                    voice.level, voice.stage = 1.0, DECAY
            elif voice.stage == DECAY:
                voice.level += decay * (low - voice.level)
            elif voice.stage == RELEASE:
                voice.speed = release - (1.0 - rise) * (release - voice.speed)
                voice.level += voice.speed * (-_OVERSHOOT - voice.level)
            if voice.fading:
                voice.fade = max(voice.fade - fade_step, 0.0)
            if voice.fade == 0.0 or (voice.stage != ATTACK and voice.level <= 0.0):
                voice.level, voice.stage = 0.0, ENDED
            level = _smooth(voice.level) if voice.stage == ATTACK else voice.level
            gains[row, i] = level * voice.gain * _smooth(voice.fade)
