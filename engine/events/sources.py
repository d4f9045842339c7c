"""What can move something, by name, and what it says for every voice: controllers, the key stroke, LFOs."""

import math

import numpy as np
from numba import njit

from engine.commands import CHANNELS, Recall
from engine.events.chance import drawn
from presets.movement import LFOS, Lfo

CONTROLS = 128
PRESSURE, BEND, VELOCITY, RELEASE, KEY, ENVELOPE = range(CONTROLS, CONTROLS + 6)
FIRST_LFO = ENVELOPE + 1
SOURCES = FIRST_LFO + LFOS
MIDDLE_KEY = 60.0  # its source is 0; four octaves above it are 1, four below -1
KEYS = 48.0
NAMES = {f"cc{control}": control for control in range(1, 120)}
NAMES |= {"pressure": PRESSURE, "bend": BEND, "velocity": VELOCITY, "release": RELEASE, "key": KEY}
NAMES |= {"envelope": ENVELOPE} | {f"lfo{number + 1}": FIRST_LFO + number for number in range(LFOS)}
_FINE_CONTROLS = 32  # control n + 32 has the lower seven bits of control n, for n below it
UNSAID = -1.0  # of a control that has not spoken
_NO_HALVES = np.array([0, -1])  # no upper half yet; no lower half: the upper one is all there is

VOICE = np.dtype(
    [
        ("channel", np.int64),
        ("number", np.int64),  # notes started before it
        ("velocity", np.float64),
        ("release", np.float64),
        ("key", np.float64),
        ("pressure", np.float64),  # of this note alone
        ("second", np.float64),  # when it began
        ("beat", np.float64),
    ],
    align=True,
)
LFO = np.dtype(
    [
        ("rate_hz", np.float64),
        ("beats", np.float64),
        ("shape", np.int64),
        ("phase", np.float64),
        ("per_note", np.bool_),
        ("spread", np.float64),
    ],
    align=True,
)
SINE, TRIANGLE, SAW, SQUARE, RANDOM = range(5)
SHAPES = {"sine": SINE, "triangle": TRIANGLE, "saw": SAW, "square": SQUARE, "random": RANDOM}


class Sources:
    """Rows of `voices` are slots; what a channel has not said yet counts as nothing.

    Behind the channels, every slot has one of its own, on which nobody plays: a voice that was parted is there.

    voices : VOICE (slots,)
    controls : float64 (channels + slots, controls), 0..1, UNSAID until the first message
    pressure, bend : float64 (channels + slots,), 0..1 and -1..1
    masters : int64 (channels,), of MPE: what they press, their members press, too
    """

    def __init__(self, slots: int, masters: np.ndarray):
        self.masters = masters
        self._masters = np.arange(CHANNELS + slots)  # of the slots' own channels, too
        self.voices = np.zeros(slots, VOICE)
        self.controls = np.full((CHANNELS + slots, CONTROLS), UNSAID)
        self._halves = np.tile(_NO_HALVES, (CHANNELS, _FINE_CONTROLS, 1))  # of 14 bits, as messages bring them
        self.pressure, self.bend = np.zeros(CHANNELS + slots), np.zeros(CHANNELS + slots)
        self.lfos = np.zeros(LFOS, LFO)

    def reset(self) -> None:
        """As if nobody had ever played."""
        self.voices[:] = np.zeros(1, VOICE)
        for channel in range(CHANNELS):
            self.rest(channel)

    def copy(self, other: "Sources") -> None:
        """The controllers say what the other's say."""
        for name in ("controls", "pressure", "bend", "_halves"):
            getattr(self, name)[:CHANNELS] = getattr(other, name)[:CHANNELS]

    def set_lfos(self, lfos: tuple[Lfo, ...]) -> None:
        """Up to LFOS of them; the others stand still."""
        self.lfos[:] = np.zeros(1, LFO)
        for row, lfo in enumerate(lfos):
            self.lfos[row] = (lfo.rate_hz, lfo.beats, SHAPES[lfo.shape], lfo.phase, lfo.per_note, lfo.spread)

    def control(self, channel: int, control: int, value: int) -> tuple[int, float]:
        """A control change, 0..127. returns : the control that it is about, and what that says now, 0..1"""
        said = self.controls[channel]
        said[control] = value / 127
        about = control % _FINE_CONTROLS if control < 2 * _FINE_CONTROLS else control
        if about == control and control >= _FINE_CONTROLS:
            return control, float(said[control])
        coarse, fine = self._halves[channel, about]
        if control == about:
            coarse, fine = value, min(fine, 0)  # as MIDI says: the upper seven bits come first
        else:
            fine = value
        self._halves[channel, about] = coarse, fine
        said[about] = coarse / 127 if fine < 0 else (coarse << 7 | fine) / 16383
        return about, float(said[about])

    def recalled(self) -> list[Recall]:
        """What brings others to say the same, but for bends and what was said of single notes."""
        said = (self.controls[:CHANNELS] != UNSAID).any(axis=1) | (self.pressure[:CHANNELS] > 0.0)
        return [
            Recall(
                tuple((int(at), round(127 * self.controls[channel, at])) for at in self._spoken(channel)),
                round(127 * self.pressure[channel]), channel,
            )
            for channel in np.flatnonzero(said).tolist()
        ]  # fmt: skip

    def recall(self, channel: int, controls: tuple[tuple[int, int], ...], pressure: int) -> None:
        """Say what a channel said before; nothing is set by it."""
        for control, value in controls:
            self.control(channel, control, value)
        self.pressure[channel] = pressure / 127

    def _spoken(self, channel):
        """Its controls, those with the lower seven bits last."""
        return np.flatnonzero(self.controls[channel] != UNSAID)

    def rest(self, channel: int) -> None:
        """The channel's controllers have said nothing."""
        self.controls[channel] = UNSAID
        self._halves[channel] = _NO_HALVES
        self.pressure[channel] = self.bend[channel] = 0.0

    def start(self, slot: int, channel: int, number: int, note: float, velocity: int, now: tuple[float, float]) -> None:
        """A note begins. number : notes started before it; now : (seconds, beats)"""
        key = min(max((note - MIDDLE_KEY) / KEYS, -1.0), 1.0)
        self.voices[slot] = (channel, number, velocity / 127, 0.0, key, 0.0, *now)

    def part(self, slot: int) -> None:
        """From now on the voice keeps what its channel says; its master, too, is who it was."""
        channel, own = int(self.voices[slot]["channel"]), CHANNELS + slot
        if channel != own:
            self._masters[own] = self.masters[channel]
            for said in (self.controls, self.pressure, self.bend):
                said[own] = said[channel]
            self.voices[slot]["channel"] = own

    def arrays(self, levels: np.ndarray) -> tuple[np.ndarray, ...]:
        """What `said` reads. levels : float64 (slots,), of the envelopes, 0..1"""
        self._masters[:CHANNELS] = self.masters
        return self.voices, self.controls, self.pressure, self.bend, self._masters, levels, self.lfos


@njit(cache=True, nogil=True, error_model="numpy")
def said(source, slot, sources, now):
    """What a source says for a voice, 0..1, or -1..1 where it goes both ways.

    sources : of `Sources.arrays`; now : (seconds, beats)
    """
    voices, controls, pressure, bend, masters, levels, lfos = sources
    voice = voices[slot]
    if source < CONTROLS:
        value = controls[voice.channel, source]
        return max(value, 0.0)
    if source == PRESSURE:
        channel, master = voice.channel, masters[voice.channel]
        more = pressure[master] if master != channel else 0.0
        return min(max(pressure[channel], voice.pressure) + more, 1.0)
    if source == BEND:
        return bend[voice.channel]
    if source == VELOCITY:
        return voice.velocity
    if source == RELEASE:
        return voice.release
    if source == KEY:
        return voice.key
    if source == ENVELOPE:
        return levels[slot]
    return _oscillate(lfos[source - FIRST_LFO], voice, now)


@njit(cache=True, nogil=True, error_model="numpy")
def _oscillate(lfo, voice, now):
    seconds, beats = now
    if lfo.per_note:
        seconds, beats = seconds - voice.second, beats - voice.beat
    cycles = beats / lfo.beats if lfo.beats > 0.0 else seconds * lfo.rate_hz
    cycles += lfo.phase + lfo.spread * voice.number
    whole = math.floor(cycles)
    share = cycles - whole
    if lfo.shape == TRIANGLE:
        return 1.0 - 4.0 * abs((share + 0.25) % 1.0 - 0.5)
    if lfo.shape == SAW:
        return 2.0 * share - 1.0
    if lfo.shape == SQUARE:
        return 1.0 if share < 0.5 else -1.0
    if lfo.shape == RANDOM:
        number = voice.number if lfo.per_note or lfo.spread > 0.0 else 0
        return drawn(int(whole), number) / 2147483647.5 - 1.0  # -1..1
    return math.sin(2.0 * math.pi * share)
