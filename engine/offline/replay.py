"""A take, played again: the same synth from the same silence, given the same at the same ticks."""

from collections.abc import Iterator

import numpy as np

from common.errors import PresetError, SynthError
from engine.commands import MusicalEvent
from engine.decoder.protocol import Decoder
from engine.effects.table import OpenPlugin, chain_of, inserts_of, no_plugins, prepare_new
from engine.performance import Chained, Heard, Limited, Loaded, Take
from engine.synth import Synth
from engine.voice.sound import Sound
from presets import file


def sounds_of(take: Take, decoder: Decoder) -> list[Sound]:
    """The presets of a take. Raises SynthError."""
    try:
        return [Sound.from_preset(file.decode(data), decoder.config) for data in take.presets]
    except (ValueError, PresetError, OSError) as error:
        raise SynthError(f"a preset in the take is damaged: {error}") from error


def replay(take: Take, decoder: Decoder, open_plugin: OpenPlugin = no_plugins) -> Iterator[np.ndarray]:
    """What came out of the synth while the take was played; the first frame is that of the first tick after its start.

    decoder : of the weights and in the precision of the take, with spare slots as live
    yields : float32 (frames, 2) at the take's rate, good until the next. Raises SynthError.
    """
    sounds = sounds_of(take, decoder)
    for part in take.parts:
        chain, _ = chain_of(part.slots, open_plugin)
        synth = Synth(decoder, take.rate, take.polyphony, take.seed, chain)
        synth.begin(sounds[part.preset], part.state, part.at)
        synth.polyphony = part.voices
        handled = iter(part.handled)
        coming = next(handled, None)
        while synth.samples < part.end:
            while coming is not None and coming[0] <= synth.samples:
                _handle(synth, coming[1], sounds, take.rate, open_plugin)
                coming = next(handled, None)
            begin = synth.samples
            block = synth.advance()
            if begin >= take.start:
                yield block
        for insert in chain.inserts:
            insert.close()


def _handle(synth, what, sounds, rate, open_plugin):
    match what:
        case Heard(event, due):
            synth.handle(event, due)
        case Loaded(preset):
            synth.load(sounds[preset])
        case Limited(voices):
            synth.polyphony = voices
        case Chained(slots):
            before = synth.effects.inserts
            inserts, _ = inserts_of(slots, open_plugin, before)
            prepare_new(inserts, before, rate, synth.max_frames)
            synth.effects.change(inserts, slots)


def events_of(take: Take, model_rate: int) -> list[tuple[float, MusicalEvent]]:
    """(seconds from the take's start, event) of what was played, for a MIDI file."""
    return [
        ((what.due - take.start) / model_rate, what.event)
        for part in take.parts
        for at, what in part.handled
        if isinstance(what, Heard) and at >= take.start
    ]
