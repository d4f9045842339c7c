"""A song -> audio, offline: the same Synth as live, its events scheduled at their samples."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from engine.commands import LetGo, NoteOn
from engine.decoder.protocol import Decoder, rows_of_a_voice
from engine.effects.chain import Chain
from engine.offline.songfile import Song
from engine.synth import Synth
from engine.voice.sound import Sound
from models.config import Playable

LONGEST_TAIL_S = 30.0  # after the end of the song
MOST_VOICES = 1024
_REPORT_TICKS = 64  # between two calls of `progress`


def voices_needed(song: Song, sound: Sound, config: Playable) -> int:
    """How many voices a song has sounding at once, at most MOST_VOICES: a rehearsal with a mute decoder tells.

    sound : what it is played with, whose releases count
    """
    slots = min(sum(isinstance(event, NoteOn) for _, event in song.events), MOST_VOICES)
    synth = Synth(Mute(config, slots * rows_of_a_voice(config)), config.rate, slots)
    return max((synth.voices for _ in _played(synth, song, sound)), default=1) or 1


def render_song(
    song: Song, decoder: Decoder, sound: Sound, rate: int = 48000, pad: tuple[float, float] | None = None,
    polyphony: int | None = None, seed: int = 0, progress: Callable[[float], None] | None = None,
    effects: Chain | None = None, mapping: bool = True,
) -> Iterator[np.ndarray]:  # fmt: skip
    """Play a song to the last release and the end of the effects' tail.

    pad : (x, y), instead of the sound's own
    polyphony : voices at once; None: as many as the decoder has
    progress : called now and then with the share done, 0..1
    effects : what the sound goes through before the limiter
    mapping : False: no controller and nothing in the sound moves pad or parameters
    yields : float32 (frames, 2) at `rate`, good until the next; the first frame is the song's time zero
    """
    synth = Synth(decoder, rate, polyphony or decoder.voices, seed, effects, mapping)
    end = max(round(song.seconds * decoder.config.rate), 1)
    late = synth.latency  # frames still to come that are before the song's time zero
    frames = 0  # of the first block
    for number, block in enumerate(_played(synth, song, sound if pad is None else replace(sound, pad=pad)), 1):
        frames = frames or len(block)
        yield block[late:]
        late = max(late - len(block), 0)
        if progress and number % _REPORT_TICKS == 0:
            progress(min(synth.samples / end, 1.0))
    for _ in range(-(-synth.latency // max(frames, 1)) + 1):  # what the synth holds back
        block = synth.advance()
        yield block[late:]
        late = max(late - len(block), 0)


def _played(synth, song, sound) -> Iterator[np.ndarray]:
    """Block after block until silence."""
    rate = synth.model_rate
    synth.load(sound)
    for time, event in song.events:
        synth.handle(event, round(time * rate))
    end = round(song.seconds * rate)
    synth.handle(LetGo(), end)
    while not synth.idle and synth.samples < end + LONGEST_TAIL_S * rate:
        yield synth.advance()


class Mute:
    """A Decoder of any number of slots that plays nothing."""

    def __init__(self, config: Playable, voices: int):
        self.config, self.voices = config, voices

    def reset(self, slots):
        """It keeps nothing."""

    def render(self, slots, latents, f0_hz, temperature, uniforms, audio):
        """Silence."""
        audio[:] = 0.0

    def score(self, slots, samples, latents, f0_hz, uniforms):
        """It has no distribution."""
        raise NotImplementedError

    def close(self):
        """It has nothing to give back."""
