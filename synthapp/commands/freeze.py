"""A pad's notes, rendered once: for machines that do not play the weights live, and for other samplers."""

from pathlib import Path
from typing import Annotated

import typer

from synthapp.commands.options import Backend, Ema, Hop, Precision, Stages, Weights, source_for


def parse_keys(text: str) -> tuple[int, ...]:
    """LOW-HIGH:STEP, such as 36-84:4."""
    try:
        ends, _, step = text.partition(":")
        low, _, high = ends.partition("-")
        keys = tuple(range(int(low), int(high or low) + 1, int(step or 1)))
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not LOW-HIGH:STEP, such as 36-84:4") from None
    if not keys or min(keys) < 0 or max(keys) > 127:
        raise typer.BadParameter(f"{text!r}: keys are MIDI numbers from 0 to 127, the lower one first")
    return keys


_DRAFT_SIDE, _DRAFT_KEYS = 2, (36, 46, 55, 65, 74, 84)


def freeze(
    preset: Annotated[str, typer.Argument(metavar="PRESET", help="Name of a preset, or a preset file.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FOLDER", help="Where everything is written.")],
    weights: Weights = None,
    grid: Annotated[int, typer.Option(min=2, max=17, help="Points along a side of the pad.")] = 5,
    keys: Annotated[
        tuple | None,
        typer.Option(parser=parse_keys, metavar="LOW-HIGH:STEP", help="Keys that are recorded; default: 36-84:4."),
    ] = None,
    draft: Annotated[bool, typer.Option("--draft", help="Grid 2, six keys: to hear what it will be.")] = False,
    backend: Backend = "auto",
    precision: Precision = "float32",
    cores: Annotated[int, typer.Option(min=0, max=64, help="Processor cores; 0: all.")] = 0,
    voices: Annotated[int, typer.Option(min=0, max=4096, help="Notes at once; 0: 16 for each core.")] = 0,
    hop: Hop = 512,
    stages: Stages = 10,
    ema: Ema = False,
) -> None:
    """A preset's pad as recordings: for slow machines, and for other samplers.

    The notes are recorded at every point of a grid on the pad, at every few keys. FOLDER gets a preset that plays
    them live, their file, and an SFZ with WAVs. If it is interrupted, the same command goes on. Processes that share
    FOLDER share the work by RANK and WORLD_SIZE, as torchrun sets them. The preset and its file are also put where the
    window finds them.
    """
    import os

    from common.lines import tell
    from engine.decoder.protocol import DecoderChoice
    from engine.offline.freeze.plan import make_plan
    from models import checkpoints
    from presets.library import load_preset
    from synthapp.progress import share_bar
    from synthapp.sounds.freezer import Freezer, Shard, install
    from synthapp.sounds.sfz import write_sfz

    shard = Shard.from_environment()
    if "LOCAL_RANK" in os.environ:  # of several processes on a machine each has a GPU of its own
        os.environ.setdefault("CUDA_VISIBLE_DEVICES", os.environ["LOCAL_RANK"])
    chosen = load_preset(preset)
    source = source_for(chosen, weights, hop, stages, ema)
    checkpoint = checkpoints.read(source)
    chosen.check_model(checkpoint.fingerprint)
    side, wanted = (_DRAFT_SIDE, _DRAFT_KEYS) if draft else (grid, keys or parse_keys("36-84:4"))
    freezer = Freezer(chosen, checkpoint, make_plan(chosen, checkpoint.config, side, wanted), output)
    freezer.record(
        DecoderChoice(backend, precision, cores or max((os.cpu_count() or 1) // shard.beside, 1)),
        shard,
        tell,
        share_bar,
        voices,
    )
    if shard.rank:
        return
    freezer.wait(tell)
    frozen, notes = freezer.assemble()
    sfz = write_sfz(frozen, freezer.plan.config, checkpoints.read(notes).weights, output)
    install(frozen, notes)
    tell(f"{frozen.name}: plays in the window, and in any sampler as {sfz}; {notes.stat().st_size / 2**20:.0f} MiB")
