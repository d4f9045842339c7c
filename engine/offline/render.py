"""A MIDI file -> audio, offline: the same Synth as live, its events scheduled at their samples."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from engine.decoder.protocol import Decoder
from engine.effects.processor import Processor
from engine.offline.songfile import read_song
from engine.synth import Synth
from engine.voice.sound import Sound

LONGEST_TAIL_S = 30.0  # after the end of the song
_REPORT_TICKS = 64  # between two calls of `progress`


def render_song(
    path: str | Path,
    decoder: Decoder,
    sound: Sound,
    rate: int = 48000,
    pad: tuple[float, float] | None = None,
    polyphony: int = 8,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
    effects: Processor | None = None,
) -> np.ndarray:
    """Play a standard MIDI file to the last release and the end of the effects' tail.

    pad : (x, y), instead of the sound's own; polyphony : voices at once, best with some slots more in the decoder
    progress : called now and then with the share done, 0..1
    effects : what the sound goes through before the limiter
    returns : float32 (frames, 2) at `rate`; the first frame is the song's time zero
    Raises SynthError where the file cannot be played.
    """
    events, seconds = read_song(path)
    synth = Synth(decoder, rate, polyphony, seed, effects)
    synth.load(sound if pad is None else replace(sound, pad=pad))
    for time, event in events:
        synth.handle(event, round(time * decoder.config.rate))
    end = round(seconds * decoder.config.rate)
    synth.let_go(end)
    return _play(synth, end, int(LONGEST_TAIL_S * decoder.config.rate), progress)


def _play(synth, end, tail, progress):
    """All blocks until silence, less what the synth holds back at first."""
    blocks = []
    while not synth.idle and synth.samples < end + tail:
        blocks.append(synth.advance().copy())
        if progress and len(blocks) % _REPORT_TICKS == 0:
            progress(min(synth.samples / max(end, 1), 1.0))
    flushed = -(-synth.latency // max(len(blocks[0]), 1)) + 1
    blocks += [synth.advance().copy() for _ in range(flushed)]
    return np.concatenate(blocks)[synth.latency :]
