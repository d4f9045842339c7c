"""The instrument itself: events in, blocks of audio out. No threads, no devices, no files; one thread calls it.

    event -> VoiceAllocator -> Voices -> Bus -> Resampler -> Chain of effects -> Limiter

Time is counted in model samples. A tick is some 4 ms of them: latents, pad and vibrato are renewed at its start, and it
is split where an event falls inside it, so that every event takes effect at its own sample. Nothing depends on the
blocks in which the device asks for audio.
"""

import heapq
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from common.smoothing import one_pole
from engine.commands import (
    CHANNELS,
    CHANNELS_OF_A_PORT,
    PORTS,
    ChannelPressure,
    ControlChange,
    LetGo,
    MusicalEvent,
    NoteOff,
    NoteOn,
    Panic,
    PitchBend,
    PolyPressure,
    SetPad,
    SetParameter,
    TuneKeys,
    TuneMaster,
    TuneScale,
)
from engine.decoder.protocol import Decoder
from engine.effects.chain import Chain
from engine.effects.processor import Processor
from engine.events import controllers as cc
from engine.events.tuning import Tuning
from engine.mix.limiter import Limiter
from engine.mix.mixer import Bus
from engine.mix.resample import Resampler
from engine.parameters import TABLE, Param
from engine.telemetry import Sounding
from engine.voice.allocator import VoiceAllocator
from engine.voice.envelope import velocity_gain
from engine.voice.pitch import VIBRATO_HZ
from engine.voice.sound import Sound
from engine.voice.voices import Voices
from presets.pad import corner_weights

PAD_MS = 8.0  # time constant of the pad
SHORTEST_NOTE_S = 0.03  # that a note is held at least, so that one whose off comes with its on is heard
_PAD_EPSILON = 1e-4  # closer than this the pad has arrived, so that a corner is that corner exactly


def spare_voices(polyphony: int) -> int:
    """Slots that a decoder is to have beside the polyphony: stolen voices fade in them, if need be all at once."""
    return polyphony


@dataclass(frozen=True)
class _Release:
    """A voice that was let go before it had sounded for long enough: now it may go. note : notes started before it"""

    slot: int
    note: int


class Synth:
    """A decoder's voices, played.

    decoder : with more slots than `polyphony`, stolen voices fade in the spare ones while the new notes begin
    rate : of the device; polyphony : voices at once; seed : of the decoder's randomness
    effects : what the sound goes through before the limiter, not in use elsewhere; none: nothing
    samples : model samples rendered so far; model_rate : of them a second
    pad : (x, y) as it sounds, smoothed

    Until `load` all latents are zero.
    """

    def __init__(
        self,
        decoder: Decoder,
        rate: int = 48000,
        polyphony: int = 8,
        seed: int = 0,
        effects: Processor | None = None,
    ):
        config = decoder.config
        tick = self._tick = config.tick
        sound = Sound.blank(config)
        self.samples = 0
        self.pad = self._pad_target = sound.pad
        self.model_rate = config.rate
        self._config = config
        self._parameters = sound.parameters.copy()
        self._controllers = cc.Controllers(self._parameters[Param.BEND_RANGE])
        self._allocator = VoiceAllocator(decoder.voices, polyphony)
        self._tuning = Tuning()
        self._voices = Voices(decoder, self._parameters, self._controllers, self._tuning, seed)
        self._shortest = round(SHORTEST_NOTE_S * config.rate)
        self._begun: dict[int, tuple[int, int]] = {}  # slot -> sample at which its note began, notes started before it
        self._now = self._notes = 0  # sample of the event in hand; notes started
        self._bus = Bus(config.rate)
        self._resampler = Resampler(config.rate, rate, tick)
        self._effects = Chain() if effects is None else effects
        self._limiter = Limiter()
        for processor in (self._effects, self._limiter):
            processor.prepare(rate, self._resampler.max_output)
        self._ringing = 0  # frames of the effects' tail that are still to come
        self._pad_coefficient = one_pole(PAD_MS, config.rate / tick)
        self._events: list[tuple[int, int, MusicalEvent]] = []  # heap of (sample, order of arrival, event)
        self._handled = 0
        self._mix = np.zeros((2, tick), np.float32)
        self._frames = np.zeros((self._resampler.max_output, 2), np.float32)
        self._left = self._frames[:0]  # rendered, not yet given out by `render`
        self._warm_up()

    # -- what the player does

    def load(self, sound: Sound) -> None:
        """Play this sound from now on, with its pad and parameters. Sounding notes move over without a click."""
        self._voices.load(sound)
        self._parameters[:] = sound.parameters
        self._controllers.set_bend_range(sound.parameters[Param.BEND_RANGE], everywhere=False)
        self._voices.envelopes.set_parameters(self._parameters)
        self._pad_target = sound.pad
        if not self._voices.active.size:
            self._arrive()

    def handle(self, event: MusicalEvent, sample: int | None = None) -> None:
        """Let an event take effect at this model sample; None, or one that is past: with the next one rendered.

        Any event is accepted: values out of range are clamped, and those that mean nothing here are ignored. Events of
        one sample keep their order.
        """
        self._schedule(event, self.samples if sample is None else max(sample, self.samples))

    def take_over(self, other: "Synth") -> None:
        """Go on where another synth stops: its controllers and pedals, and the events that it has not played yet."""
        self._controllers.copy(other._controllers)
        self._tuning.copy(other._tuning)
        self._allocator.copy_pedals(other._allocator)
        for due, _, event in sorted(other._events):
            self.handle(event, self.samples + due - other.samples)
        other._events.clear()

    def panic(self) -> None:
        """Silence within the voices' fade; keys and pedals are forgotten."""
        self._voices.fade(self._allocator.panic())

    @property
    def polyphony(self) -> int:
        """Voices at once, 1 to the decoder's slots. Under a lower limit the oldest released fade first."""
        return self._allocator.polyphony

    @polyphony.setter
    def polyphony(self, voices: int) -> None:
        self._voices.fade(self._allocator.limit(voices, self._voices.envelopes.loudness()))

    def reset(self) -> None:
        """Silence, time zero; sound, pad and parameters stay. The same events then give the same audio, bit for bit."""
        self.samples = self._handled = self._now = self._notes = 0
        self._events.clear()
        self._left = self._frames[:0]
        self._allocator.reset()
        self._controllers.reset(self._parameters[Param.BEND_RANGE])
        self._tuning.reset()
        self._voices.reset()
        self._resampler.reset()
        self._effects.reset()
        self._limiter.reset()
        self._ringing = 0
        self._arrive()

    # -- what the window shows

    @property
    def latency(self) -> int:
        """Device frames that resampler, effects and limiter hold back."""
        return round(self._resampler.delay) + self._effects.latency + self._limiter.latency

    @property
    def idle(self) -> bool:
        """Nothing sounds, the effects have rung out and no event waits."""
        return not (self._voices.active.size or self._ringing or self._events)

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
            )  # fmt: skip
            for slot, voice in enumerate(self._allocator.voices)
            if voice.playing
        )

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
        return (*self._tuning.events(), *self._controllers.events(), *pedals)

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
        self._approach_pad()
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
        self._effects.process(frames)
        self._limiter.process(frames)
        self._ringing = self._effects.tail if sounded else max(self._ringing - len(frames), 0)
        return frames

    def _approach_pad(self):
        (x, y), (to_x, to_y) = self.pad, self._pad_target
        x, y = x + self._pad_coefficient * (to_x - x), y + self._pad_coefficient * (to_y - y)
        arrived = abs(to_x - x) < _PAD_EPSILON and abs(to_y - y) < _PAD_EPSILON
        self.pad = self._pad_target if arrived else (x, y)
        self._voices.weights[:] = corner_weights(*self.pad)  # all voices stand at one place

    def _arrive(self):
        """Nothing sounds: pad and gain need not glide."""
        self.pad = self._pad_target
        self._bus.reset(self._master())

    def _master(self):
        return 10.0 ** (self._parameters[Param.GAIN_DB] / 20.0)

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
            self._now = max(due, self.samples)
            apply = _HANDLERS.get(type(event))
            if apply is not None:
                apply(self, event)

    def _note_on(self, event):
        channel, note, velocity = _channel(event), _seven_bits(event.note), _seven_bits(event.velocity)
        if not velocity:
            self._note_off(event)
            return
        unheard = {slot for slot, (begun, _) in self._begun.items() if begun == self._now}
        slot, victims = self._allocator.note_on(channel, note, self._voices.envelopes.loudness(), unheard)
        gain = velocity_gain(velocity, self._parameters[Param.VELOCITY_CURVE]) * self._controllers.stroke_gain(channel)
        self._voices.fade([victim for victim in victims if victim not in unheard])
        self._voices.end([victim for victim in victims if victim in unheard])
        self._voices.start(slot, channel, note, velocity, gain)
        self._begun[slot] = self._now, self._notes
        self._notes += 1

    def _release(self, slots):
        """Let voices go, those that have just begun a little later."""
        for slot in slots:
            begun, note = self._begun[slot]
            if self._now < begun + self._shortest:
                self._schedule(_Release(slot, note), begun + self._shortest)
            else:
                self._voices.release([slot])

    def _release_late(self, event):
        if self._begun[event.slot][1] == event.note and self._allocator.voices[event.slot].playing:
            self._voices.release([event.slot])

    def _let_go(self, event):
        port = None if event.port is None else _clamped(event.port, 0, PORTS - 1)
        ports = range(PORTS) if port is None else range(port, port + 1)
        channels = range(ports.start * CHANNELS_OF_A_PORT, ports.stop * CHANNELS_OF_A_PORT)
        self._controllers.rest(channels)
        self._press_none(channels)
        self._release(self._allocator.let_go(channels))

    def _press_none(self, channels):
        """The pressure of single notes rests."""
        for slot, voice in enumerate(self._allocator.voices):
            if voice.playing and voice.channel in channels:
                self._voices.press(slot, 0.0)

    def _tune(self, event):
        self._tuning.apply(event)

    def _note_off(self, event):
        self._release(self._allocator.note_off(_channel(event), _seven_bits(event.note)))

    def _control_change(self, event):
        channel, control, value = _channel(event), _seven_bits(event.control), _seven_bits(event.value)
        allocator, down = self._allocator, value >= cc.PEDAL_DOWN
        self._controllers.control(channel, control, value)
        if control == cc.SUSTAIN:
            self._release(allocator.sustain(channel, down))
        elif control == cc.SOSTENUTO:
            self._release(allocator.sostenuto(channel, down))
        elif control == cc.RESET_CONTROLLERS:
            self._release(allocator.sustain(channel, False) + allocator.sostenuto(channel, False))
            self._press_none((channel,))
        elif control == cc.ALL_SOUND_OFF:
            self._voices.fade(allocator.all_sound_off(channel))
        elif cc.ALL_NOTES_OFF <= control <= cc.POLY_MODE:  # the mode messages turn all notes off, too
            self._release(allocator.all_notes_off(channel))

    def _pitch_bend(self, event):
        self._controllers.pitch_bend(_channel(event), _clamped(event.value, -8192, 8191))

    def _channel_pressure(self, event):
        self._controllers.pressure(_channel(event), _seven_bits(event.value))

    def _poly_pressure(self, event):
        for slot in self._allocator.slots_of(_channel(event), _seven_bits(event.note)):
            self._voices.press(slot, cc.vibrato_cents(_seven_bits(event.value)))

    def _set_pad(self, event):
        if math.isfinite(event.x) and math.isfinite(event.y):
            self._pad_target = min(max(event.x, 0.0), 1.0), min(max(event.y, 0.0), 1.0)

    def _set_parameter(self, event):
        if event.param not in TABLE or not math.isfinite(event.value):
            return
        self._parameters[event.param] = TABLE[event.param].clamp(event.value)
        self._voices.envelopes.set_parameters(self._parameters)
        if event.param == Param.BEND_RANGE:
            self._controllers.set_bend_range(self._parameters[Param.BEND_RANGE], everywhere=True)

    def _panic(self, event):
        self.panic()


# ProgramChange chooses a preset: that is for the server.
_HANDLERS: dict[type, Callable] = {
    NoteOn: Synth._note_on,
    NoteOff: Synth._note_off,
    ControlChange: Synth._control_change,
    PitchBend: Synth._pitch_bend,
    ChannelPressure: Synth._channel_pressure,
    PolyPressure: Synth._poly_pressure,
    SetPad: Synth._set_pad,
    SetParameter: Synth._set_parameter,
    LetGo: Synth._let_go,
    TuneKeys: Synth._tune,
    TuneScale: Synth._tune,
    TuneMaster: Synth._tune,
    Panic: Synth._panic,
    _Release: Synth._release_late,
}


def _clamped(value, low: int, high: int) -> int:
    return int(min(max(value, low), high)) if math.isfinite(value) else low


def _seven_bits(value) -> int:
    return _clamped(value, 0, 127)


def _channel(event) -> int:
    return _clamped(event.channel, 0, CHANNELS - 1)
