"""All sounding voices: rows of arrays, advanced together by one call of the decoder.

Trajectories -> latents, Pitches -> f0, both -> Source -> x Envelopes -> Mixer
"""

from dataclasses import dataclass

import numpy as np

from engine.decoder.protocol import Decoder, rows_of_a_voice
from engine.events.controllers import Controllers
from engine.events.tuning import Tuning
from engine.mix.mixer import Mixer
from engine.parameters import Param
from engine.telemetry import Standing
from engine.voice.blend import Blend
from engine.voice.envelope import Envelopes
from engine.voice.noise import stream
from engine.voice.pitch import Pitches
from engine.voice.sound import Sound
from engine.voice.source import source_of
from engine.voice.trajectory import Trajectories
from models.config import told_pitch
from presets.pad import Layout


@dataclass(frozen=True)
class Beginning:
    """How a note begins.

    gain : of its velocity, the soft pedal and the key; detune : semitones; pan : -1..1, on top of the channel's
    from_key, glide_s : the key that it glides from, in how many seconds; None: it does not
    """

    channel: int
    note: int
    velocity: int
    gain: float
    detune: float = 0.0
    pan: float = 0.0
    from_key: float | None = None
    glide_s: float = 0.0


class Voices:
    """What sounds, slot by slot. Which note is where is the allocator's business.

    active : int64 (n,), ascending: the slots that sound
    sound : what they play
    parameters, controllers, tuning : read live, changed by the synth
    """

    def __init__(self, decoder: Decoder, parameters: np.ndarray, controllers: Controllers, tuning: Tuning, seed: int):
        config, sides = decoder.config, rows_of_a_voice(decoder.config)
        slots = decoder.voices // sides
        self.sound = Sound.blank(config)
        self._blend = Blend(slots, self.sound.layout)
        self.active = np.zeros(0, np.int64)
        self.envelopes = Envelopes(config.rate, slots)
        self._source = source_of(decoder, seed)
        self._seed = seed
        self._parameters = parameters
        self._controllers = controllers
        self._tuning = tuning
        self._trajectories = Trajectories(config, slots)
        self._pitches = Pitches(config.rate, slots)
        self._mixer = Mixer(config.rate, slots)
        self._notes = 0
        self._told = told_pitch(config)
        self._detunes = np.zeros(slots)
        self._sides = sides
        self._f0_hz = np.zeros(slots * config.tick, np.float32)
        self._audio = np.zeros(sides * slots * config.tick, np.float32)
        self._gains = np.zeros(slots * config.tick)

    def reset(self) -> None:
        """Silence; the next note is the first."""
        self.active = self.active[:0]
        self.envelopes.reset()
        self._notes = 0

    def load(self, sound: Sound) -> None:
        """Play this sound from now on; what sounds moves over to it, once it is placed."""
        self.sound = sound
        self.set_layout(sound.layout)

    @property
    def layout(self) -> Layout:
        """Where the sounds stand on the pad."""
        return self._blend.layout

    def set_layout(self, layout: Layout) -> None:
        """The sounds stand elsewhere from now on; as `load`. layout : of as many sounds"""
        self._blend.set_layout(layout)
        self._trajectories.jump(self.active)

    def place(self, slots: np.ndarray, places: np.ndarray) -> None:
        """Where these voices stand is how much of each sound they have. Arguments as of `Blend.place`."""
        self._blend.place(slots, places)

    @property
    def speed(self) -> float:
        """Samples that a voice asks the decoder for, for each that sounds; the mean. Its cost goes with it."""
        return self._source.speed if self.active.size else 1.0

    @property
    def beyond(self) -> bool:
        """Whether a voice should be higher or lower than its latents can be repitched."""
        return self._source.beyond and self.active.size > 0

    def start(self, slot: int, begins: Beginning) -> None:
        """A note begins in this slot, whatever was there."""
        key = begins.note + self._parameters[Param.TRANSPOSE]
        place, detuned = np.array([slot]), key + begins.detune
        self.envelopes.start(slot, begins.gain)
        self._pitches.start(slot, begins.note, detuned, begins.channel, begins.from_key, begins.glide_s)
        self._source.start(slot, self._notes)
        self._mixer.start(slot, begins.channel, begins.pan)
        chance = stream(self._seed, ~self._notes)  # not that of the samples' numbers
        position, life = self._parameters[Param.POSITION], self._parameters[Param.LIFE]
        self._trajectories.start(slot, key, begins.velocity, position, life, chance)
        self._detunes[slot] = begins.detune
        self._advance(place)
        self.active = np.union1d(self.active, place)
        self._notes += 1

    def move(self, slot: int, note: int, glide_s: float) -> None:
        """The voice goes on at another note: what the decoder has heard so far stays."""
        key = note + self._parameters[Param.TRANSPOSE]
        self._pitches.move(slot, note, key + self._detunes[slot], glide_s)
        if self._told:  # else its latents are those of a source note, which stays the same
            self._trajectories.move(slot, key)

    def release(self, slots: list[int]) -> None:
        """Their keys, and the pedals that held them, are up."""
        for slot in slots:
            self.envelopes.release(slot)
            self._trajectories.release(slot)

    def fade(self, slots: list[int]) -> None:
        """Silence them in some ms."""
        for slot in slots:
            self.envelopes.fade(slot)

    def end(self, slots: list[int]) -> None:
        """Silence them at once: nobody has heard them yet."""
        self.active = np.setdiff1d(self.active, slots)

    def part(self, slot: int, channel: int) -> None:
        """From now on it keeps the bend that its channel has."""
        self._pitches.part(slot, float(self._controllers.bends()[channel]))

    def standing(self, slot: int) -> Standing:
        """Where the voice in this slot stands in the sound."""
        return self._trajectories.standing(slot)

    def press(self, slot: int, vibrato_cents: float) -> None:
        """Polyphonic pressure."""
        self._pitches.press(slot, vibrato_cents)

    def advance(self) -> None:
        """A tick begins: renew the latents; voices past their last frame fade."""
        self._advance(self.active)
        self.fade(self.active[self._trajectories.over[self.active]].tolist())

    def render(self, offset: int, samples: int, lfo: float, mix: np.ndarray) -> None:
        """Fill the next samples of the mix.

        offset, samples : the part of the tick; lfo : of the vibrato, -1..1; mix : float32 (2, tick)
        """
        slots, parameters, controllers = self.active, self._parameters, self._controllers
        f0_hz, gains = (
            flat[: slots.size * samples].reshape(slots.size, samples) for flat in (self._f0_hz, self._gains)
        )
        rows = self._sides * slots.size
        audio = self._audio[: rows * samples].reshape(rows, samples)
        self._pitches.render(
            slots, parameters[Param.TUNING_HZ], self._tuning.semitones, controllers.bends(), controllers.shifts(),
            controllers.vibratos(), lfo, f0_hz,
        )  # fmt: skip
        if slots.size:
            moving = self._trajectories
            self._source.render(slots, moving.latents, moving.sources, f0_hz, parameters[Param.TEMPERATURE], audio)
        self.envelopes.render(slots, gains)
        self._trajectories.sounded(slots, samples)
        self._mixer.mix(slots, audio, gains, controllers.gains, parameters[Param.WIDTH], offset, mix)

    def collect(self) -> list[int]:
        """The slots whose voices have reached silence; they sound no more."""
        ended = [slot for slot in self.active.tolist() if self.envelopes.ended(slot)]
        if ended:
            self.active = np.setdiff1d(self.active, ended)
        return ended

    def _advance(self, slots):
        self._trajectories.advance(slots, self.sound, self._blend.weights, self._parameters)
