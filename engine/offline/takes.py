"""Single notes played through the synth, many at a time: every note has a Synth of its own, as live, and all share
one decoder, whose cost per voice falls with their number.

A synth never looks at the audio that it mixes. So each tick runs twice: first with a decoder that only notes what it
is asked, then, after one call of the real decoder for all notes, with one that gives that answer.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from engine.commands import NoteOff, NoteOn, PitchBend
from engine.decoder.protocol import Decoder
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
    for first in progress(range(0, len(takes), decoder.voices)):
        together = takes[first : first + decoder.voices]
        stages = [_Stage(decoder.config, take, seed) for seed, take in enumerate(together, first)]
        for _ in range(max(stage.ticks for stage in stages)):
            _advance(stages, decoder)
        yield from (stage.audio() for stage in stages)


def _advance(stages, decoder):
    """One tick of all stages."""
    rows = np.array([row for row, stage in enumerate(stages) if stage.ask()], np.int64)
    fresh = rows[[stages[row].asked.fresh for row in rows]]
    if fresh.size:
        decoder.reset(fresh)
    if rows.size:
        questions = zip(*(stages[row].asked.question for row in rows), strict=True)
        audio = np.zeros((rows.size, decoder.config.tick), np.float32)
        decoder.render(rows, *(np.concatenate(parts) for parts in questions), audio)
        for row, answer in zip(rows, audio, strict=True):
            stages[row].given.answer = answer
    for stage in stages:
        stage.play()


class _Asked:
    """Decoder that notes its last call and plays silence."""

    voices = 1

    def __init__(self, config):
        self.config, self.fresh, self.question = config, False, None

    def reset(self, slots):
        self.fresh = True

    def render(self, slots, latents, f0_hz, temperature, uniforms, audio):
        self.question = latents.copy(), f0_hz.copy(), temperature.copy(), uniforms.copy()
        audio[:] = 0.0

    def close(self):
        pass


class _Given:
    """Decoder that plays what it was given."""

    voices = 1

    def __init__(self, config):
        self.config, self.answer = config, np.float32(0.0)

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
