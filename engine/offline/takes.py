"""Single notes played through the synth, many at a time: every note has a Synth of its own, as live, and all share
one decoder, whose cost per voice falls with their number.

A synth never looks at the audio that it mixes. So each tick runs twice: first with a decoder that only notes what it
is asked, then, after one call of the real decoder for all notes, with one that gives that answer.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from engine.commands import NoteOff, NoteOn, PitchBend
from engine.decoder.protocol import Decoder, rows_of_a_voice
from engine.parameters import Param
from engine.synth import Synth
from engine.voice.sound import Sound

_BEND_STEPS = 8192  # of a pitch bend, each way


@dataclass(frozen=True)
class Take:
    """One note, and how long it is listened to.

    sound : with the pad where it is to be; key, velocity : MIDI numbers
    held_s, tail_s : while the key is down, and after
    bends : (second, semitones within the sound's bend range); times count in ticks of 4 ms
    """

    sound: Sound
    key: int
    velocity: int
    held_s: float = 3.0
    tail_s: float = 1.0
    bends: tuple[tuple[float, float], ...] = ()


def play(takes: list[Take], decoder: Decoder, progress: Callable[[Iterable], Iterable] = iter) -> Iterator[np.ndarray]:
    """The audio of each take in turn, float32 (samples,), left channel at the model's rate.

    As many takes as the decoder has voices are played at once; takes of one length best follow each other.
    """
    voices = decoder.voices // rows_of_a_voice(decoder.config)
    for first in progress(range(0, len(takes), voices)):
        together = takes[first : first + voices]
        stages = [_Stage(decoder.config, take, seed) for seed, take in enumerate(together, first)]
        for _ in range(max(stage.ticks for stage in stages)):
            _advance(stages, decoder)
        yield from (stage.audio() for stage in stages)


def _advance(stages, decoder):
    """One tick of all stages."""
    sides = rows_of_a_voice(decoder.config)
    asking = np.array([place for place, stage in enumerate(stages) if stage.ask()], np.int64)
    fresh = asking[[stages[place].asked.fresh for place in asking]]
    if fresh.size:
        decoder.reset(_rows(fresh, sides))
    if asking.size:
        questions = zip(*(stages[place].asked.question for place in asking), strict=True)
        audio = np.zeros((asking.size, sides, decoder.config.tick), np.float32)
        rows = _rows(asking, sides)
        decoder.render(rows, *(np.concatenate(parts) for parts in questions), audio.reshape(rows.size, -1))
        for place, answer in zip(asking, audio, strict=True):
            stages[place].given.answer = answer
    for stage in stages:
        stage.play()


def _rows(places, sides):
    """Of the decoder: those of each stage follow each other."""
    return (sides * places[:, None] + np.arange(sides)).ravel()


class _Asked:
    """Decoder of one voice that notes its last call and plays silence."""

    def __init__(self, config):
        self.config, self.voices, self.fresh, self.question = config, rows_of_a_voice(config), False, None

    def reset(self, slots):
        self.fresh = True

    def render(self, slots, latents, f0_hz, temperature, uniforms, audio):
        self.question = latents.copy(), f0_hz.copy(), temperature.copy(), uniforms.copy()
        audio[:] = 0.0

    def close(self):
        pass


class _Given:
    """Decoder of one voice that plays what it was given."""

    def __init__(self, config):
        self.config, self.voices, self.answer = config, rows_of_a_voice(config), np.float32(0.0)

    def reset(self, slots):
        pass

    def render(self, slots, latents, f0_hz, temperature, uniforms, audio):
        audio[:] = self.answer

    def close(self):
        pass


class _Stage:
    """One take: the synth that asks and the synth that plays, with the same events."""

    def __init__(self, config, take, seed):
        self.asked, self.given = _Asked(config), _Given(config)
        self._asking, self._playing = (Synth(decoder, config.rate, 1, seed) for decoder in (self.asked, self.given))
        tick = config.tick
        for synth in (self._asking, self._playing):
            synth.load(take.sound)
            for second, event in _events(take):
                synth.handle(event, round(second * config.rate / tick) * tick)  # a tick is then one call
        self._samples = round((take.held_s + take.tail_s) * config.rate)
        self.ticks = -(-(self._samples + self._playing.latency) // tick)
        self._blocks = []

    def ask(self):
        """Whether the next tick needs the decoder; `asked` then says for what."""
        self.asked.fresh, self.asked.question = False, None
        self._asking.advance()
        return self.asked.question is not None

    def play(self):
        """The same tick, with the answer in `given`."""
        self._blocks.append(self._playing.advance()[:, 0].copy())

    def audio(self):
        """float32 (samples,): all that was played, less the synth's latency."""
        return np.concatenate(self._blocks)[self._playing.latency :][: self._samples]


def _events(take):
    bend_range = take.sound.parameters[Param.BEND_RANGE]
    for second, semitones in take.bends:
        yield second, PitchBend(min(round(semitones / bend_range * _BEND_STEPS), _BEND_STEPS - 1))
    yield 0.0, NoteOn(take.key, take.velocity)
    yield take.held_s, NoteOff(take.key)
