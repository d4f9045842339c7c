"""The instrument itself: events in, blocks of audio out. No threads, no devices, no files; one thread calls it.

    event -> Keyboard -> Voices -> Bus -> Resampler -> Chain of effects -> Limiter

Time is counted in model samples. A tick is some 4 ms of them: latents, pad and vibrato are renewed at its start, and it
is split where an event falls inside it, so that every event takes effect at its own sample. Nothing depends on the
blocks in which the device asks for audio.
"""

import heapq
import math
from collections.abc import Callable

import numpy as np

from engine.commands import (
    CHANNELS,
    CHANNELS_OF_A_PORT,
    PORTS,
    ChannelPressure,
    ControlChange,
    LetGo,
    LiftPad,
    MusicalEvent,
    NoteOff,
    NoteOn,
    Panic,
    PitchBend,
    PolyPressure,
    Recall,
    SetEffect,
    SetMovement,
    SetMpe,
    SetPad,
    SetParameter,
    SetPlaces,
    SetRoutes,
    SetTempo,
    TuneKeys,
    TuneMaster,
    TuneScale,
)
from engine.decoder.protocol import Decoder, rows_of_a_voice
from engine.effects.chain import Chain
from engine.effects.kinds import TEMPO
from engine.events import controllers as cc
from engine.events.steering import Steering
from engine.events.tuning import Tuning
from engine.mix.limiter import Limiter
from engine.mix.line import DelayLine
from engine.mix.mixer import Bus
from engine.mix.resample import Resampler
from engine.parameters import Param
from engine.telemetry import Sounding, Standing
from engine.voice.allocator import VoiceAllocator
from engine.voice.keyboard import Keyboard, Release, Stroke
from engine.voice.pitch import VIBRATO_HZ
from engine.voice.sound import Sound
from engine.voice.voices import Voices
from presets.pad import Layout


def spare_voices(polyphony: int) -> int:
    """Slots that a decoder is to have beside the polyphony: stolen voices fade in them, if need be all at once."""
    return polyphony


class Synth:
    """A decoder's voices, played.

    decoder : with more slots than `polyphony`, stolen voices fade in the spare ones while the new notes begin
    rate : of the device; polyphony : voices at once; seed : of the decoder's randomness
    effects : what the sound goes through before the limiter, prepared here, not in use elsewhere; none: nothing
    mapping : False: no controller and nothing in a sound moves pad or parameters
    samples : model samples rendered so far; model_rate : of them a second
    steering : where pad and parameters stand
    max_frames : of the blocks that the effects get
    dry : float32 (frames, 2), the last tick as it was before effects and limiter, in time with what came after them

    Until `load` all latents are zero.
    """

    def __init__(
        self,
        decoder: Decoder,
        rate: int = 48000,
        polyphony: int = 8,
        seed: int = 0,
        effects: Chain | None = None,
        mapping: bool = True,
    ):
        config = decoder.config
        tick, slots = config.tick, decoder.voices // rows_of_a_voice(config)
        self._tick = tick
        sound = Sound.blank(config)
        self.samples = 0
        self.model_rate = config.rate
        self._config = config
        self._bend_range = sound.parameters[Param.BEND_RANGE]
        self._controllers = cc.Controllers(self._bend_range)
        self.steering = Steering(slots, tick / config.rate, self._controllers.zones, mapping)
        self.steering.load(sound.pad, sound.parameters, sound.movement)
        self._parameters = self.steering.parameters
        self._allocator = VoiceAllocator(slots, polyphony)
        self._tuning = Tuning()
        self._voices = Voices(decoder, self._parameters, self._controllers, self._tuning, seed)
        self._keyboard = Keyboard(
            self._allocator, self._voices, self.steering, self._controllers, self._parameters, config.rate, seed,
            self._schedule,
        )  # fmt: skip
        self._bus = Bus(config.rate)
        self._resampler = Resampler(config.rate, rate, tick)
        self.effects = Chain() if effects is None else effects
        self._limiter = Limiter()
        for processor in (self.effects, self._limiter):
            processor.prepare(rate, self._resampler.max_output)
        self.max_frames = self._resampler.max_output
        self._line = DelayLine(0, self.max_frames)
        self.dry = self._line.process(np.zeros((0, 2), np.float32))
        self._ringing = 0  # frames of the effects' tail that are still to come
        self._steered: tuple = ()  # the inserts whose parameters the steering knows
        self._events: list[tuple[int, int, MusicalEvent | Stroke | Release]] = []  # heap of (sample, order, event)
        self._handled = 0
        self._mix = np.zeros((2, tick), np.float32)
        self._frames = np.zeros((self._resampler.max_output, 2), np.float32)
        self._left = self._frames[:0]  # rendered, not yet given out by `render`
        self._warm_up()

    # -- what the player does

    def load(self, sound: Sound) -> None:
        """Play this sound from now on, with its pad and parameters. Sounding notes move over without a click."""
        self._voices.load(sound)
        self.steering.load(sound.pad, sound.parameters, sound.movement)
        self._bend_range = sound.parameters[Param.BEND_RANGE]
        self._controllers.set_bend_range(self._bend_range, everywhere=False)
        self._voices.envelopes.set_parameters(self._parameters)
        if not self._voices.active.size:
            self._arrive()

    def handle(self, event: MusicalEvent | Stroke | Release, sample: int | None = None) -> None:
        """Let an event take effect at this model sample; None, or one that is past: with the next one rendered.

        Any event is accepted: values out of range are clamped, and those that mean nothing here are ignored. Events of
        one sample keep their order.
        """
        self._schedule(event, self.samples if sample is None else max(sample, self.samples))

    def take_over(self, other: "Synth") -> None:
        """Go on where another synth stops: its controllers and pedals, and the events that it has not played yet."""
        self._controllers.copy(other._controllers)
        self._tuning.copy(other._tuning)
        self.steering.copy(other.steering)
        self._allocator.copy_pedals(other._allocator)
        self.effects.set_tempo(other.effects.tempo)
        for due, _, event in sorted(other._events):
            if not isinstance(event, Stroke | Release):  # of voices that are not here
                self.handle(event, self.samples + due - other.samples)
        other._events.clear()

    def resume(self, other: "Synth") -> None:
        """As `take_over` of another synth with the same sound: what hands have set goes on, too."""
        self.take_over(other)
        self.steering.resume(other.steering)
        self._bend_range = other._bend_range  # what controllers have made of it since has come with them
        self._take_parameters()
        self._arrive()

    def panic(self) -> None:
        """Silence within the voices' fade; keys and pedals are forgotten."""
        self._keyboard.panic()

    @property
    def polyphony(self) -> int:
        """Voices at once, 1 to the decoder's slots. Under a lower limit the oldest released fade first."""
        return self._allocator.polyphony

    @polyphony.setter
    def polyphony(self, voices: int) -> None:
        self._voices.fade(self._allocator.limit(voices, self._voices.envelopes.loudness()))

    def reset(self, at: int = 0) -> None:
        """Silence; sound, pad and parameters stay. The same events then give the same audio, bit for bit.

        at : model sample that counts as now
        """
        self.samples, self._handled = at, 0
        self._events.clear()
        self._left = self._frames[:0]
        self._keyboard.reset(at)
        self._controllers.reset(self._parameters[Param.BEND_RANGE])
        self._tuning.reset()
        self.steering.reset()
        self._voices.reset()
        self._resampler.reset()
        self.effects.reset()
        self._limiter.reset()
        self._line.reset()
        self._ringing = 0
        self._arrive()

    # -- what the window shows

    @property
    def pad(self) -> tuple[float, float]:
        """(x, y) as it sounds, smoothed."""
        return self.steering.pad

    @property
    def latency(self) -> int:
        """Device frames that resampler, effects and limiter hold back."""
        return round(self._resampler.delay) + self.effects.latency + self._limiter.latency

    @property
    def idle(self) -> bool:
        """Nothing sounds, the effects have rung out and no event waits."""
        return not (self._voices.active.size or self._ringing or self._events or self._keyboard.playing)

    @property
    def voices(self) -> int:
        """How many sound, those that fade among them."""
        return self._voices.active.size

    @property
    def speed(self) -> float:
        """What the voices ask of the decoder, 1 where each asks for one sample for each that sounds; the mean."""
        return self._voices.speed

    @property
    def beyond(self) -> bool:
        """Whether a voice is held at the end of the range in which these weights can be played."""
        return self._voices.beyond

    def sounding(self) -> tuple[Sounding, ...]:
        """The voices that play, without those that fade because they were stolen."""
        return tuple(
            Sounding(
                voice.note,
                self._voices.envelopes.level(slot),
                not voice.released,
                pedal=not (voice.released or voice.key_down),
                place=tuple(self.steering.places[slot].tolist()),
            )  # fmt: skip
            for slot, voice in enumerate(self._allocator.voices)
            if voice.playing
        )

    def standing(self) -> tuple[Standing, ...]:
        """Where each of these voices stands in the sound."""
        return tuple(self._voices.standing(slot) for slot, voice in enumerate(self._allocator.voices) if voice.playing)

    def take_peaks(self) -> tuple[float, float]:
        """Highest absolute output, left and right, since this was last asked."""
        left, right = self._limiter.peaks.tolist()
        self._limiter.peaks[:] = 0.0
        return left, right

    def memory(self) -> tuple[MusicalEvent, ...]:
        """What brings a new synth to where controllers, pedals and tuning have brought this one."""
        sustain, sostenuto = self._allocator.pedals()
        pedals = [ControlChange(cc.SUSTAIN, 127, channel) for channel in sustain]
        pedals += [ControlChange(cc.SOSTENUTO, 127, channel) for channel in sostenuto]
        return (*self._tuning.events(), *self._controllers.events(), *pedals, *self.steering.memory())

    def state(self) -> tuple[MusicalEvent, ...]:
        """What brings a synth that was reset and has loaded the same sound to where this one stands, but for notes."""
        return (*self.memory(), *self.steering.set_by(), SetPlaces(self._voices.layout.places))

    def begin(self, sound: Sound, state: tuple[MusicalEvent, ...], at: int) -> None:
        """Start anew with this sound in this state. at : model sample that counts as now

        What is played then gives the same audio, bit for bit, as in any other synth that began like this.
        """
        turned = self.steering.turned
        self.reset(at)
        self.load(sound)
        for event in state:
            _HANDLERS[type(event)](self, event)
        self.steering.turned = turned  # no hand has moved anything
        self._arrive()

    # -- audio

    def render(self, block: np.ndarray) -> None:
        """Fill `block`, float32 (frames, 2), with the next frames; any number of them."""
        filled = 0
        while filled < len(block):
            if not len(self._left):
                self._left = self.advance()
            count = min(len(self._left), len(block) - filled)
            block[filled : filled + count] = self._left[:count]
            self._left = self._left[count:]
            filled += count

    def advance(self) -> np.ndarray:
        """Render the next tick. returns : float32 (frames, 2) at the device's rate, valid until the next call."""
        if self.effects.inserts is not self._steered:
            self._steered = self.effects.inserts
            self.steering.set_effects(self.effects.rows(), self.effects.value)
        self.steering.advance(self._voices.active, self._voices.envelopes.levels())
        self._take_parameters()
        self._keyboard.advance(self.samples)
        self._voices.place(self._voices.active, self.steering.places)
        self._voices.advance()
        lfo = math.sin(2.0 * math.pi * VIBRATO_HZ * self.samples / self._config.rate)
        tick, done = self._tick, 0
        while done < tick:
            self._apply_until(self.samples + done)
            end = min(self._events[0][0] - self.samples, tick) if self._events else tick
            self._voices.render(done, end - done, lfo, self._mix)
            self._bus.process(self._mix, done, end - done, self._master())
            done = end
        self.samples += tick
        sounded = self._voices.active.size > 0
        for slot in self._voices.collect():
            self._allocator.ended(slot)
        frames = self._frames[: self._resampler.process(self._mix, self._frames)]
        self.dry = self._delayed(frames)
        self.effects.process(frames)
        self._limiter.process(frames)
        self._ringing = self.effects.tail if sounded else max(self._ringing - len(frames), 0)
        return frames

    def _delayed(self, frames):
        """As late as effects and limiter make the sound; a chain that changes has another latency."""
        latency = self.effects.latency + self._limiter.latency
        if latency != self._line.frames:
            self._line = DelayLine(latency, self.max_frames)
        return self._line.process(frames)

    def _take_parameters(self):
        """Whoever does not read parameters as they sound learns of their change."""
        for slot, name, value, is_set in self.steering.take_effects():
            (self.effects.set if is_set else self.effects.move)(slot, name, value)
        if self.steering.changed:
            self.steering.changed = False
            self._voices.envelopes.set_parameters(self._parameters)
            if self._parameters[Param.BEND_RANGE] != self._bend_range:
                self._bend_range = self._parameters[Param.BEND_RANGE]
                self._controllers.set_bend_range(self._bend_range, everywhere=True)

    def _arrive(self):
        """Nothing sounds: pad and gain need not glide."""
        self.steering.arrive()
        self._bus.reset(self._master())

    def _master(self):
        return 10.0 ** ((self._parameters[Param.GAIN_DB] + self._parameters[Param.TRIM_DB]) / 20.0)

    def _warm_up(self):
        """Compile whatever plays now, not under the first note."""
        self._voices.envelopes.set_parameters(self._parameters)
        self.handle(NoteOn(60, 100))
        self.handle(NoteOff(60), self._tick // 2)
        self.advance()
        self.reset()
        self.take_peaks()

    # -- events

    def _schedule(self, event, sample):
        heapq.heappush(self._events, (sample, self._handled, event))
        self._handled += 1

    def _apply_until(self, sample):
        """Events that are due at this sample or were before."""
        while self._events and self._events[0][0] <= sample:
            due, _, event = heapq.heappop(self._events)
            self._keyboard.now = max(due, self.samples)
            apply = _HANDLERS.get(type(event))
            if apply is not None:
                apply(self, event)

    def _note_on(self, event):
        channel, note, velocity = _channel(event), _seven_bits(event.note), _seven_bits(event.velocity)
        if not velocity:
            self._note_off(event)
        elif note not in self._tuning.silent:
            self._keyboard.press(channel, note, velocity)

    def _note_off(self, event):
        self._keyboard.lift(_channel(event), _seven_bits(event.note), _seven_bits(getattr(event, "velocity", 0)))

    def _strike(self, stroke):
        self._keyboard.strike(stroke)

    def _release_late(self, release):
        self._keyboard.release_late(release)

    def _let_go(self, event):
        port = None if event.port is None else _clamped(event.port, 0, PORTS - 1)
        ports = range(PORTS) if port is None else range(port, port + 1)
        channels = range(ports.start * CHANNELS_OF_A_PORT, ports.stop * CHANNELS_OF_A_PORT)
        self._keyboard.let_go(channels)
        self._controllers.rest(channels)
        self._press_none(channels)
        self.steering.go_home()

    def _press_none(self, channels):
        """The pressure of single notes rests."""
        for slot, voice in enumerate(self._allocator.voices):
            if voice.playing and voice.channel in channels:
                self._voices.press(slot, 0.0)
                self.steering.press(slot, 0)
        for channel in channels:
            self.steering.rest(channel)

    def _tune(self, event):
        self._tuning.apply(event)

    def _control_change(self, event):
        channel, control, value = _channel(event), _seven_bits(event.control), _seven_bits(event.value)
        self._end(self._controllers.control(channel, control, value))
        if control in _MOVING_CONTROLS:
            self.steering.control(channel, control, value, self._allocator.held(channel))
        self._change_mode(channel, control, value)
        if control not in cc.REGISTERED:  # what a master of MPE says is said to its members
            for member in self._controllers.zones.of(channel):
                self._controllers.control(member, control, value)
                self._change_mode(member, control, value)

    def _change_mode(self, channel, control, value):
        """Pedals, and the messages that end notes."""
        keyboard, down = self._keyboard, value >= cc.PEDAL_DOWN
        if control == cc.SUSTAIN:
            keyboard.sustain(channel, down)
        elif control == cc.SOSTENUTO:
            keyboard.sostenuto(channel, down)
        elif control == cc.RESET_CONTROLLERS:
            keyboard.sustain(channel, False)
            keyboard.sostenuto(channel, False)
            self._press_none((channel,))
            self.steering.go_home()
        elif control == cc.ALL_SOUND_OFF:
            keyboard.all_sound_off(channel)
        elif cc.ALL_NOTES_OFF <= control <= cc.POLY_MODE:  # the mode messages turn all notes off, too
            keyboard.all_notes_off(channel)

    def _set_mpe(self, event):
        ports = range(PORTS) if event.port is None else [_clamped(event.port, 0, PORTS - 1)]
        for port in ports:
            self._end(self._controllers.set_mpe(port, event.mode))

    def _end(self, channels):
        """MPE uses these channels otherwise now: what they hold stops, and what their masters said is forgotten."""
        for channel in channels:
            first = channel - channel % CHANNELS_OF_A_PORT
            self.steering.rest(first)
            self.steering.rest(first + CHANNELS_OF_A_PORT - 1)
            self._press_none((channel,))
            self._keyboard.let_go(range(channel, channel + 1))
            self._keyboard.all_sound_off(channel)

    def _pitch_bend(self, event):
        channel = _channel(event)
        self._controllers.pitch_bend(channel, _clamped(event.value, -8192, 8191))
        self.steering.bend(channel, self._controllers.bend[channel], self._allocator.held(channel))

    def _channel_pressure(self, event):
        channel, value = _channel(event), _seven_bits(event.value)
        self._controllers.pressure(channel, value)
        self.steering.pressure(channel, value, self._allocator.held(channel))

    def _poly_pressure(self, event):
        for slot in self._allocator.slots_of(_channel(event), _seven_bits(event.note)):
            self._voices.press(slot, cc.vibrato_cents(_seven_bits(event.value)))
            self.steering.press(slot, _seven_bits(event.value))

    def _set_pad(self, event):
        self.steering.set_pad(event.x, event.y, event.touch)

    def _lift_pad(self, event):
        self.steering.lift()

    def _set_places(self, event):
        places = np.array(event.places).reshape(-1, 2)
        if len(places) == len(self._voices.sound.corners) and np.isfinite(places).all():
            self._voices.set_layout(Layout(places.clip(0.0, 1.0).tolist()))

    def _set_parameter(self, event):
        self.steering.set_parameter(event.param, event.value)
        self._take_parameters()

    def _set_routes(self, event):
        self.steering.set_usual(event.routes)

    def _recall(self, event):
        self.steering.recall(_channel(event), event.controls, _seven_bits(event.pressure))

    def _set_movement(self, event):
        self.steering.set_movement(event.movement)

    def _set_effect(self, event):
        if math.isfinite(event.value):
            self.effects.set(event.slot, event.param, event.value)
            self.steering.take_effect(event.slot, event.param)

    def _set_tempo(self, event):
        if math.isfinite(event.bpm):
            self.steering.tempo_bpm = TEMPO.clamp(event.bpm)
            self.effects.set_tempo(self.steering.tempo_bpm)

    def _panic(self, event):
        self.panic()


_MOVING_CONTROLS = frozenset(range(1, cc.ALL_SOUND_OFF)) - cc.REGISTERED  # those beyond are messages about the mode
# ProgramChange chooses a preset: that is for the server.
_HANDLERS: dict[type, Callable] = {
    NoteOn: Synth._note_on,
    NoteOff: Synth._note_off,
    ControlChange: Synth._control_change,
    PitchBend: Synth._pitch_bend,
    ChannelPressure: Synth._channel_pressure,
    PolyPressure: Synth._poly_pressure,
    SetPad: Synth._set_pad,
    LiftPad: Synth._lift_pad,
    SetPlaces: Synth._set_places,
    SetParameter: Synth._set_parameter,
    SetRoutes: Synth._set_routes,
    Recall: Synth._recall,
    SetMovement: Synth._set_movement,
    SetMpe: Synth._set_mpe,
    SetEffect: Synth._set_effect,
    SetTempo: Synth._set_tempo,
    LetGo: Synth._let_go,
    TuneKeys: Synth._tune,
    TuneScale: Synth._tune,
    TuneMaster: Synth._tune,
    Panic: Synth._panic,
    Stroke: Synth._strike,
    Release: Synth._release_late,
}


def _clamped(value, low: int, high: int) -> int:
    return int(min(max(value, low), high)) if math.isfinite(value) else low


def _seven_bits(value) -> int:
    return _clamped(value, 0, 127)


def _channel(event) -> int:
    return _clamped(event.channel, 0, CHANNELS - 1)
