"""A song into a WAV file."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from common.paths import SONG
from synthapp.commands.options import (
    Backend,
    Effects,
    Ema,
    Hop,
    Keymap,
    Mpe,
    NoEffects,
    Output,
    Pad,
    Precision,
    PresetName,
    Scale,
    Seed,
    Stages,
    Weights,
    mpe_of_song,
    source_for,
    tuning_of,
    with_effects,
)
from synthapp.commands.plugin_options import PluginPath, Plugins, seek_plugins, with_plugins


def render(
    output: Output,
    song: Annotated[Path, typer.Argument(help="A standard MIDI file; default: a minuet.", show_default=False)] = SONG,
    preset: PresetName = None,
    weights: Weights = None,
    rate: Annotated[int, typer.Option(min=8000, max=192000, help="Frames per second of the WAV file.")] = 48000,
    pad: Pad = None,
    polyphony: Annotated[
        int | None, typer.Option(min=1, max=1024, help="Voices at once. Default: as many as the song needs.")
    ] = None,
    backend: Backend = "auto",
    precision: Precision = "float32",
    cores: Annotated[int, typer.Option(min=0, max=64, help="Processor cores; 0: all. The sound is the same.")] = 0,
    seed: Seed = 0,
    scale: Scale = None,
    keymap: Keymap = None,
    mpe: Mpe = None,
    mapping: Annotated[
        bool, typer.Option("--mapping/--no-mapping", help="Whether controllers and LFOs move pad and parameters.")
    ] = True,
    hop: Hop = 512,
    stages: Stages = 10,
    ema: Ema = False,
    effect: Effects = None,
    plugin: Plugins = None,
    plugin_path: PluginPath = None,
    no_effects: NoEffects = False,
) -> None:
    """Play a MIDI file into a stereo WAV file."""
    from common.atomic import replacing
    from common.lines import tell
    from engine.decoder.opening import open_decoder
    from engine.decoder.protocol import DecoderChoice
    from engine.effects.table import chain_of
    from engine.offline.render import render_song, voices_needed
    from engine.offline.songfile import read_song
    from engine.plugins.rack import Rack
    from engine.plugins.scan import Shelf
    from engine.synth import spare_voices
    from engine.voice.sound import Sound, pitch_notice
    from models import checkpoints
    from presets.library import Library, load_preset
    from synthapp.progress import share_bar
    from synthapp.sounds.audiofile import check_suffix
    from synthapp.sounds.wavfile import check_size, writing

    check_suffix(output, ".wav")
    played = read_song(song)
    check_size(output, 8 * played.seconds * rate)
    beginning = [(0.0, event) for event in (*tuning_of(scale, keymap), *mpe_of_song(dict(mpe or ())))]
    played = replace(played, events=[*beginning, *played.events])
    if played.told:
        tell(played.told)
    chosen = load_preset(preset or _asked_for(played) or Library().first().path)
    source = source_for(chosen, weights, hop, stages, ema)
    checkpoint = checkpoints.read(source)
    chosen.check_model(checkpoint.fingerprint)
    sound = Sound.from_preset(chosen, checkpoint.config)
    seek_plugins(plugin_path)
    shelf = Shelf()
    slots = with_effects(() if no_effects else chosen.effects or (), effect or ())
    effects, missing = chain_of(with_plugins(slots, plugin or (), shelf), Rack(shelf, live=False).open)
    if missing:
        tell("; ".join(missing.values()))
    if notice := pitch_notice(chosen, checkpoint.config):
        tell(notice)
    voices = polyphony or voices_needed(played, sound, checkpoint.config)
    choice = DecoderChoice(backend, precision, cores or os.cpu_count() or 1)
    decoder = open_decoder(checkpoint, voices, choice, spare_voices(polyphony) if polyphony else 0)
    frames = 0
    with share_bar("rendering") as progress, replacing(output) as temporary, writing(temporary, rate, 2) as write:
        parts = render_song(played, decoder, sound, rate, pad, polyphony, seed, progress, effects, mapping)
        for block in parts:
            write(block)
            frames += len(block)
    decoder.close()
    tell(f"{output}: {frames / rate:.1f} s")


def _asked_for(song):
    """The preset that the song's lowest channel with notes asks for; None where it does not, or there is none.

    One line tells what was found, and what the other channels ask for in vain: one timbre plays at a time.
    """
    from common.errors import PresetError
    from common.lines import tell
    from engine.offline.songfile import programs_asked
    from presets.programs import Programs

    (channel, (bank, program)), *others = programs_asked(song).items()
    entry, told = None, []
    if program is not None:
        try:
            entry = Programs().find(bank, program)
            told.append(f"channel {channel + 1} asks for program {program} of bank {bank}: {entry.name}")
        except PresetError as error:
            told.append(f"channel {channel + 1}: {error}")
    unheard = [f"{other + 1} ({asked[1]})" for other, asked in others if asked[1] not in (None, program)]
    if unheard:
        told.append(f"one preset plays, the programs of other channels are not heard: {', '.join(unheard)}")
    if told:
        tell("; ".join(told))
    return entry and entry.path
