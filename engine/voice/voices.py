"""All sounding voices: rows of arrays, advanced together by one call of the decoder.

Trajectories -> latents, Pitches -> f0, both -> Source -> x Envelopes -> Mixer
"""

from dataclasses import dataclass

import numpy as np

from engine.decoder.protocol import Decoder
from engine.events.controllers import Controllers
from engine.events.tuning import Tuning
from engine.mix.mixer import Mixer
from engine.parameters import Param
from engine.telemetry import Standing
from engine.voice.envelope import Envelopes
from engine.voice.pitch import Pitches
from engine.voice.sound import Sound
from engine.voice.source import source_of
from engine.voice.trajectory import Trajectories
from models.config import told_pitch


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
    sound : what they play; weights : float64 (slots, points), how much of each of its corners every voice has
    parameters, controllers, tuning : read live, changed by the synth
    """

    def __init__(self, decoder: Decoder, parameters: np.ndarray, controllers: Controllers, tuning: Tuning, seed: int):
        config, slots = decoder.config, decoder.voices
        self.sound = Sound.blank(config)
        self.weights = np.zeros((slots, len(self.sound.corners)))
        self.active = np.zeros(0, np.int64)
        self.envelopes = Envelopes(config.rate, slots)
        self._decoder = decoder
        self._source = source_of(decoder, seed)
        self._parameters = parameters
        self._controllers = controllers
        self._tuning = tuning
        self._trajectories = Trajectories(config, slots)
        self._pitches = Pitches(config.rate, slots)
        self._mixer = Mixer(config.rate, slots)
        self._notes = 0
        self._told = told_pitch(config)
        self._detunes = np.zeros(slots)
        self._f0_hz, self._audio = (np.zeros(slots * config.tick, np.float32) for _ in range(2))
        self._gains = np.zeros(slots * config.tick)

    def reset(self) -> None:
        """Silence; the next note is the first."""
        self.active = self.active[:0]
        self.envelopes.reset()
        self._notes = 0

    def load(self, sound: Sound) -> None:
        """Play this sound from now on; what sounds moves over to it. Another number of corners needs new weights."""
        if len(sound.corners) != len(self.sound.corners):
            self.weights = np.zeros((len(self.weights), len(sound.corners)))
        self.sound = sound
        self._trajectories.jump(self.active)

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
        self._decoder.reset(place)
        self.envelopes.start(slot, begins.gain)
        self._pitches.start(slot, begins.note, detuned, begins.channel, begins.from_key, begins.glide_s)
        self._source.start(slot, self._notes)
        self._mixer.start(slot, begins.channel, begins.pan)
        self._trajectories.start(slot, key, begins.velocity, self._parameters[Param.POSITION])
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
        f0_hz, audio, gains = (
            flat[: slots.size * samples].reshape(slots.size, samples)
            for flat in (self._f0_hz, self._audio, self._gains)
        )
        self._pitches.render(
            slots, parameters[Param.TUNING_HZ], self._tuning.semitones, controllers.semitones(),
            controllers.vibratos(), lfo, f0_hz,
        )  # fmt: skip
        if slots.size:
            moving = self._trajectories
            self._source.render(slots, moving.latents, moving.sources, f0_hz, parameters[Param.TEMPERATURE], audio)
        self.envelopes.render(slots, gains)
        self._trajectories.sounded(slots, samples)
        self._mixer.mix(slots, audio, gains, controllers.gains, offset, mix)

    def collect(self) -> list[int]:
        """The slots whose voices have reached silence; they sound no more."""
        ended = [slot for slot in self.active.tolist() if self.envelopes.ended(slot)]
        if ended:
            self.active = np.setdiff1d(self.active, ended)
        return ended

    def _advance(self, slots):
        self._trajectories.advance(slots, self.sound, self.weights, self._parameters[Param.SPEED])
