"""Keys, pedals and the arpeggio: which voices begin, go on at another pitch, and end.

key -> Arpeggiator (if it is on) -> Solo (if only one may sound) -> VoiceAllocator -> Voices
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.events import arpeggio
from engine.events.controllers import Controllers
from engine.events.keys import Key, Solo
from engine.events.steering import Steering
from engine.mix.mixer import key_pan
from engine.parameters import ARPEGGIO_STEPS, GLIDES, MODES, Param
from engine.voice.allocator import VoiceAllocator
from engine.voice.envelope import key_gain, velocity_gain
from engine.voice.voices import Beginning, Voices

SHORTEST_NOTE_S = 0.03  # that a note is held at least, so that one whose off comes with its on is heard
POLY, MONO, LEGATO = range(len(MODES))
_STEPS = tuple(ARPEGGIO_STEPS.values())
_LIFT = 64  # velocity with which an arpeggio's keys come up


@dataclass(frozen=True)
class Stroke:
    """What the arpeggio plays. velocity 0: the key comes up"""

    channel: int
    note: int
    velocity: int


@dataclass(frozen=True)
class Release:
    """A voice that was let go before it had sounded for long enough: now it may go. note : notes started before it"""

    slot: int
    note: int


class Keyboard:
    """allocator : which voice plays which note
    voices, steering, controllers, parameters : of the synth, whose other parts use them, too
    schedule : (Stroke or Release, model sample): to come back then
    now : model sample of the event in hand; tick : at which this tick began
    """

    def __init__(
        self, allocator: VoiceAllocator, voices: Voices, steering: Steering, controllers: Controllers,
        parameters: np.ndarray, rate: int, seed: int, schedule: Callable[[Stroke | Release, int], None],
    ):  # fmt: skip
        self.allocator = allocator
        self.now = self.tick = 0
        self._voices, self._steering, self._controllers = voices, steering, controllers
        self._parameters, self._rate, self._schedule = parameters, rate, schedule
        self._arpeggio, self._solo = arpeggio.Arpeggiator(seed), Solo()
        self._line: tuple[int, ...] = ()  # slots of the voice that plays alone
        self._shortest = round(SHORTEST_NOTE_S * rate)
        self._begun: dict[int, tuple[int, int]] = {}  # slot -> sample at which its note began, notes started before it
        self._notes = 0
        self._last: float | None = None  # key, transposed, of the note that was started last

    def reset(self, at: int) -> None:
        """Every key and pedal is up, nothing sounds."""
        self.now = self.tick = at
        self._notes, self._last, self._line = 0, None, ()
        self._begun.clear()
        self.allocator.reset()
        self._arpeggio.reset()
        self._solo.reset()

    @property
    def playing(self) -> bool:
        """Something is still to come without another key."""
        return self._arpeggio.playing

    def advance(self, at: int) -> None:
        """A tick begins at this sample."""
        self.now = self.tick = at
        self._arpeggiate()

    # -- keys

    def press(self, channel: int, note: int, velocity: int) -> None:
        """A key goes down."""
        key = Key(channel, note, velocity)
        if not self._arpeggiates or self._controllers.zones.members[channel]:
            self._play(key)
        else:
            self._arpeggio.press(key, self._beat())
            self._arpeggiate()

    def lift(self, channel: int, note: int, velocity: int) -> None:
        """A key comes up."""
        self._arpeggio.lift(channel, note)
        self._end(channel, note, velocity)

    def strike(self, stroke: Stroke) -> None:
        """What was scheduled for the arpeggio."""
        if stroke.velocity:
            self._play(Key(stroke.channel, stroke.note, stroke.velocity))
        else:
            self._end(stroke.channel, stroke.note, _LIFT)

    def _play(self, key):
        if self._mode == POLY or self._controllers.zones.members[key.channel]:
            self._start(key, self._glides_from(bool(self.allocator.any_down)))
            return
        before = self._solo.sounding
        if self._solo.press(key, self._choice(Param.PRIORITY)):
            self._go_on(self._solo.sounding, overlaps=before is not None)

    def _end(self, channel, note, velocity):
        if self._line and self._solo.sounding is not None:
            alone = self._solo.sounding
            if self._solo.lift(channel, note, self._choice(Param.PRIORITY)) and self._solo.sounding is not None:
                self._go_on(self._solo.sounding, overlaps=True)
                return
            if (alone.channel, alone.note) != (channel, note):
                return
        for slot in self.allocator.slots_of(channel, note):
            self._steering.release(slot, velocity)
        released = self.allocator.note_off(channel, note)
        self._part(range(channel, channel + 1))
        self._release(released)

    def _go_on(self, key, overlaps):
        """The line moves to another key: by the voice that plays, or in legato by it alone."""
        voices = self.allocator.voices
        alive = [slot for slot in self._line if voices[slot].playing and not voices[slot].released]
        if self._mode == LEGATO and overlaps and alive:
            for slot in alive:
                self.allocator.rename(slot, key)
                self._voices.move(slot, key.note, self._glide_s(self._last_key(), key.note, overlaps))
            self._last = self._key(key.note)
            return
        self._voices.fade(self.allocator.steal(alive))
        self._line = tuple(self._start(key, self._glides_from(overlaps)))

    # -- voices

    def _start(self, key, from_key):
        """One note, by as many voices as the unison has. returns : their slots"""
        count = 1 + self._choice(Param.UNISON)
        unheard = {slot for slot, (begun, _) in self._begun.items() if begun == self.now}
        loudness = self._voices.envelopes.loudness()
        slots, victims = self.allocator.note_on(key, loudness, unheard, count)
        self._voices.fade([victim for victim in victims if victim not in unheard])
        self._voices.end([victim for victim in victims if victim in unheard])
        for number, slot in enumerate(slots):
            place = 2.0 * number / (len(slots) - 1) - 1.0 if len(slots) > 1 else 0.0
            self._begin(slot, key, from_key, place, len(slots))
        self._last = self._key(key.note)
        return slots

    def _begin(self, slot, key, from_key, place, count):
        """One voice. place : of it in the unison, -1..1; count : of its voices"""
        parameters = self._parameters
        gain = velocity_gain(key.velocity, parameters[Param.VELOCITY_CURVE])
        gain *= self._controllers.stroke_gain(key.channel) * key_gain(key.note, parameters[Param.KEY_DB]) / count**0.5
        levels = self._voices.envelopes.levels()
        self._steering.start(slot, key.channel, self._notes, key.note, key.velocity, levels)
        self._voices.place(np.array([slot]), self._steering.places)
        glide_s = 0.0 if from_key is None else self._glide_s(from_key, key.note, True)
        detune = place * parameters[Param.DETUNE_CENTS] / 100.0
        pan = place * parameters[Param.SPREAD] + key_pan(key.note, parameters[Param.NOTE_SPREAD])
        self._voices.start(slot, Beginning(key.channel, key.note, key.velocity, gain, detune, pan, from_key, glide_s))
        self._begun[slot] = self.now, self._notes
        self._notes += 1

    def _part(self, channels):
        """On members of MPE, a note whose key has come up is its channel's no more, even where a pedal holds it.

        So a channel may be used again at once; what its master says still holds for the note.
        Source: MIDI Polyphonic Expression 1.1, 3.3 and 3.3.3.
        """
        for slot, voice in enumerate(self.allocator.voices):
            member = voice.channel in channels and self._controllers.zones.members[voice.channel]
            if voice.playing and member and not (voice.key_down or voice.parted):
                voice.parted = True
                self._steering.part(slot)
                self._voices.part(slot, voice.channel)

    def _release(self, slots):
        """Let voices go, those that have just begun a little later."""
        for slot in slots:
            begun, note = self._begun[slot]
            if self.now < begun + self._shortest:
                self._schedule(Release(slot, note), begun + self._shortest)
            else:
                self._voices.release([slot])

    def release_late(self, release: Release) -> None:
        """What was scheduled for a voice that had just begun."""
        if self._begun[release.slot][1] == release.note and self.allocator.voices[release.slot].playing:
            self._voices.release([release.slot])

    # -- glide

    def _glides_from(self, overlaps):
        """The key that a new note glides from; None: it does not."""
        always = GLIDES[self._choice(Param.GLIDE)].startswith("always")
        return self._last if self._parameters[Param.GLIDE_MS] > 0.0 and (always or overlaps) else None

    def _last_key(self):
        return self._last if self._last is not None else 0.0

    def _glide_s(self, from_key, note, overlaps):
        """How long the way to a note takes; the parameter's time is of each octave, or of any way."""
        glide = GLIDES[self._choice(Param.GLIDE)]
        if not (overlaps or glide.startswith("always")):
            return 0.0
        octaves = abs(self._key(note) - from_key) / 12.0 if glide.endswith("/oct") else 1.0
        return octaves * self._parameters[Param.GLIDE_MS] / 1000.0

    def _key(self, note):
        return note + self._parameters[Param.TRANSPOSE]

    # -- pedals, and the messages that end notes

    def sustain(self, channel: int, down: bool) -> None:
        """CC64. With the arpeggio it holds the keys, not their strokes."""
        self._arpeggio.sustain(channel, down)
        self._release(self.allocator.sustain(channel, down and not self._arpeggiates))

    def sostenuto(self, channel: int, down: bool) -> None:
        """CC66."""
        self._release(self.allocator.sostenuto(channel, down))

    def let_go(self, channels: range) -> None:
        """Whoever played there is gone: keys and pedals come up."""
        self._forget(channels)
        released = self.allocator.let_go(channels)
        self._part(channels)
        self._release(released)

    def all_notes_off(self, channel: int) -> None:
        """CC123: every key comes up; a pedal still holds."""
        self._forget(range(channel, channel + 1))
        released = self.allocator.all_notes_off(channel)
        self._part(range(channel, channel + 1))
        self._release(released)

    def all_sound_off(self, channel: int) -> None:
        """CC120: silence."""
        self._forget(range(channel, channel + 1))
        self._voices.fade(self.allocator.all_sound_off(channel))

    def panic(self) -> None:
        """Silence; keys and pedals are forgotten."""
        self._arpeggio.reset()
        self._solo.reset()
        self._voices.fade(self.allocator.panic())

    def _forget(self, channels):
        self._arpeggio.let_go(channels)
        self._solo.let_go(channels)

    # -- settings

    @property
    def _mode(self):
        return self._choice(Param.VOICE_MODE)

    @property
    def _arpeggiates(self):
        return self._choice(Param.ARP_MODE) != arpeggio.OFF

    def _choice(self, param):
        return round(self._parameters[param])

    def _arpeggio_settings(self):
        mode, step, octaves, gate, swing = self._parameters[Param.ARP_MODE : Param.ARP_SWING + 1]
        return arpeggio.Settings(round(mode), _STEPS[round(step)], 1 + round(octaves), gate, swing)

    def _beat(self):
        """Of the event in hand."""
        return self._steering.now[1] + (self.now - self.tick) * self._beats_a_sample()

    def _beats_a_sample(self):
        return self._steering.tempo_bpm / (60.0 * self._rate)

    def _arpeggiate(self):
        """What the arpeggio plays before this tick ends, at its own samples."""
        if self._arpeggio.playing:
            for stroke in self._arpeggio.strokes(self._steering.next_beat, self._arpeggio_settings()):
                sample = self.tick + round((stroke.beat - self._steering.now[1]) / self._beats_a_sample())
                self._schedule(Stroke(stroke.channel, stroke.note, stroke.velocity), max(sample, self.now))
