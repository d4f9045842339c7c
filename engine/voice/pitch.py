"""Frequency of every voice, sample by sample: key, tuning, bend and vibrato, gliding so that no jump clicks."""

import numpy as np
from numba import njit

from common.smoothing import one_pole

GLIDE_MS = 5.0  # time constant of bend, vibrato and tuning
VIBRATO_HZ = 5.5
_MIN_HZ = 1.0
_A4 = 69.0  # MIDI note, as in common.pitch

VOICE = np.dtype(
    [
        ("note", np.int64),  # MIDI note, for its own tuning
        ("key", np.float64),  # semitones, transposition and detuning included
        ("behind", np.float64),  # semitones that a glide is still away from the key
        ("glide", np.float64),  # of them a sample
        ("channel", np.int64),
        ("parted", np.bool_),  # its channel bends it no more
        ("bend", np.float64),  # semitones that it keeps then
        ("pressure_cents", np.float64),  # vibrato of this note alone
        ("f0_hz", np.float64),
        ("fresh", np.bool_),
    ],
    align=True,
)


class Pitches:
    """The fundamental of every slot."""

    def __init__(self, rate: int, slots: int):
        self._rate = rate
        self._voices = np.zeros(slots, VOICE)
        self._coefficient = one_pole(GLIDE_MS, rate)

    def start(
        self, slot: int, note: int, key: float, channel: int, from_key: float | None = None, glide_s: float = 0.0
    ) -> None:
        """A note begins, at once at its frequency, or glides to it from another.

        key : MIDI note, transposed and detuned; from_key : likewise
        """
        behind = key - from_key if from_key is not None and glide_s > 0.0 else 0.0
        step = abs(behind) / (glide_s * self._rate) if behind else 0.0
        self._voices[slot] = (note, key, behind, step, channel, False, 0.0, 0.0, 0.0, True)

    def move(self, slot: int, note: int, key: float, glide_s: float) -> None:
        """The voice goes on at another note."""
        voice = self._voices[slot]
        behind = key - voice["key"] + voice["behind"] if glide_s > 0.0 else 0.0
        voice["note"], voice["key"], voice["behind"] = note, key, behind
        voice["glide"] = abs(behind) / (glide_s * self._rate) if behind else 0.0

    def part(self, slot: int, bend: float) -> None:
        """Its channel bends it no more. bend : semitones that it keeps"""
        self._voices[slot]["parted"], self._voices[slot]["bend"] = True, bend

    def press(self, slot: int, vibrato_cents: float) -> None:
        """Polyphonic pressure: vibrato of one voice."""
        self._voices[slot]["pressure_cents"] = vibrato_cents

    def render(self, slots, tuning_hz, tuning_semitones, bends, shifts, vibrato_cents, lfo, f0_hz) -> None:
        """Fill the next fundamentals.

        slots : int64 (n,); tuning_hz : float, of A4; tuning_semitones : float64 (128,), by note
        bends, shifts, vibrato_cents : float64 (channels,), see `Controllers`; lfo : float, -1..1
        f0_hz : float32 (n, samples), at most half the rate
        """
        _render(
            slots, self._voices, tuning_hz, tuning_semitones, bends, shifts, vibrato_cents, lfo, self._coefficient,
            self._rate, f0_hz,
        )  # fmt: skip


@njit(cache=True, nogil=True, error_model="numpy")
def _render(slots, voices, tuning_hz, tuning_semitones, bends, shifts, vibrato_cents, lfo, coefficient, rate, f0_hz):
    for row in range(slots.size):
        voice = voices[slots[row]]
        vibrato = lfo * max(vibrato_cents[voice.channel], voice.pressure_cents) / 100.0
        bend = voice.bend if voice.parted else bends[voice.channel]
        bend += shifts[voice.channel] + tuning_semitones[voice.note]
        step = voice.glide * f0_hz.shape[1]
        voice.behind = max(abs(voice.behind) - step, 0.0) * (1.0 if voice.behind > 0.0 else -1.0)
        semitones = voice.key - voice.behind + bend + vibrato - _A4
        target = min(max(tuning_hz * 2.0 ** (semitones / 12.0), _MIN_HZ), rate / 2.0)
        if voice.fresh:
            voice.f0_hz, voice.fresh = target, False
        for i in range(f0_hz.shape[1]):
            voice.f0_hz += coefficient * (target - voice.f0_hz)
            f0_hz[row, i] = voice.f0_hz
