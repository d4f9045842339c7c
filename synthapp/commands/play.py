"""The instrument itself, in its window or without one."""

from pathlib import Path
from typing import Annotated

import typer

from engine.decoder.protocol import DecoderChoice
from synthapp.commands.options import (
    AudioDevice,
    Backend,
    CoresWish,
    Ema,
    Hop,
    Keymap,
    MidiPort,
    Mpe,
    PrecisionWish,
    PresetName,
    Scale,
    Stages,
    VoicesWish,
    Weights,
    source_of,
    tuning_of,
)
from synthapp.commands.plugin_options import PluginPath, seek_plugins


def play(
    headless: Annotated[bool, typer.Option("--headless", help="Without a window, until interrupted.")] = False,
    weights: Weights = None,
    preset: PresetName = None,
    polyphony: VoicesWish = None,
    backend: Backend = "auto",
    precision: PrecisionWish = "auto",
    cores: CoresWish = 0,
    audio: AudioDevice = None,
    midi: MidiPort = None,
    hop: Hop = 512,
    stages: Stages = 10,
    ema: Ema = False,
    rate: Annotated[int | None, typer.Option(min=8000, max=192000, help="The device's rate.")] = None,
    program_channel: Annotated[
        int | None, typer.Option(min=1, max=16, help="Whose program changes count, without a window; default: any.")
    ] = None,
    scale: Scale = None,
    keymap: Keymap = None,
    mts_esp: Annotated[
        bool, typer.Option("--mts-esp/--no-mts-esp", help="Tuned by an MTS-ESP master, unless a scale is given.")
    ] = True,
    mpe: Mpe = None,
    record: Annotated[
        Path | None, typer.Option(metavar="FILE.take", help="Without a window: keep all that is played, see `take`.")
    ] = None,
    block: Annotated[int | None, typer.Option(min=0, max=16384, help="Device frames a block; 0: its choice.")] = None,
    plugin_path: PluginPath = None,
    dry: Annotated[
        bool, typer.Option("--dry", help="Without a window, under JACK: the dry sound on two more outputs.")
    ] = False,
    osc: Annotated[
        int | None, typer.Option(min=0, max=65535, metavar="PORT", help="Hear OSC of this machine's programs there.")
    ] = None,
    link: Annotated[bool, typer.Option("--link", help="Follow the tempo of Ableton Link.")] = False,
) -> None:
    """Play live: MIDI in, audio out. What is asked for here is kept for the next window."""
    seek_plugins(plugin_path)
    source, choice = source_of(weights, hop, stages, ema), DecoderChoice(backend, precision, cores)
    beginning, modes = tuning_of(scale, keymap), dict(mpe or ())
    follows = mts_esp and not beginning
    if headless:
        from engine.client import play_headless
        from presets.library import Library

        preset = preset or str(Library().first().path)
        options = {"polyphony": polyphony or 0, "decoder": choice, "audio": audio, "midi": midi}
        options["program_channel"] = None if program_channel is None else program_channel - 1
        options |= {"dry": dry, "osc": osc, "link": link, "mpe": modes, "beginning": beginning}
        options |= {"mts_esp": follows}
        play_headless(source, preset, rate=rate, block=block or 0, record=record, **options)
        return
    from synthapp.window import run_window

    status = run_window(
        source, preset, audio, midi, polyphony, choice, rate, block, osc, link, modes, follows, beginning
    )
    raise typer.Exit(status)
