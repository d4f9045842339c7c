"""Sums of embeddings: A : B :: C : ?, mixed, cross-faded, stretched, reversed."""

from pathlib import Path
from typing import Annotated

import typer

from synthapp.commands.options import Ema, Hop, Note, Seed, Stages, Weights, source_for, source_of

Sound = Annotated[str, typer.Argument(metavar="SOUND", help="PRESET:CORNER (1 to 4, or its name), .npy, or recording.")]
Out = Annotated[
    Path,
    typer.Option(
        "--output", "-o", metavar="OUT.npy|OUT.wav|OUT.manifold", help="An embedding, what it sounds like, or a preset."
    ),
]
Corner = Annotated[int, typer.Option(min=1, max=4, help="Of the preset OUT.manifold; see `encode`.")]
Base = Annotated[
    str | None, typer.Option("--preset", metavar="NAME", help="Where its other corners come from; default: the first.")
]

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    help="Sums of sounds: A : B :: C : ?, mixed, faded, stretched, reversed.",
)


@app.command()
def analogy(
    a: Sound, b: Sound, c: Sound, output: Out, note: Note = None, corner: Corner = 1, preset: Base = None,
    weights: Weights = None, seed: Seed = 0, hop: Hop = 512, stages: Stages = 10, ema: Ema = False,
) -> None:  # fmt: skip
    """What is to C as B is to A: C + B - A.

    Its notes and its times are C's. Example: analogy "Stage Keys:1" "Stage Keys:2" "Plucked:1" -o what.wav
    """
    from synthapp.sounds import sums

    job = _Job(output, note, corner, preset, weights, seed, hop, stages, ema)
    job.write([a, b, c], sums.analogy(job.checkpoint.config))


@app.command()
def mix(
    a: Sound, b: Sound, output: Out,
    share: Annotated[float, typer.Option(min=0.0, max=1.0, help="Of B.")] = 0.5,
    note: Note = None, corner: Corner = 1, preset: Base = None, weights: Weights = None, seed: Seed = 0,
    hop: Hop = 512, stages: Stages = 10, ema: Ema = False,
) -> None:  # fmt: skip
    """Between A and B, as the pad mixes them."""
    from synthapp.sounds import sums

    _Job(output, note, corner, preset, weights, seed, hop, stages, ema).write([a, b], sums.mix(share))


@app.command()
def fade(
    a: Sound, b: Sound, output: Out,
    begin: Annotated[float, typer.Option(min=0.0, max=1.0, help="Share of the time at which B begins to come.")] = 0.0,
    end: Annotated[float, typer.Option(min=0.0, max=1.0, help="Share of the time from which it is all B.")] = 1.0,
    note: Note = None, corner: Corner = 1, preset: Base = None, weights: Weights = None, seed: Seed = 0,
    hop: Hop = 512, stages: Stages = 10, ema: Ema = False,
) -> None:  # fmt: skip
    """A that becomes B while it sounds."""
    from common.errors import SynthError
    from synthapp.sounds import sums

    if begin > end:
        raise SynthError(f"--begin {begin} is after --end {end}; the fade begins before it ends")
    _Job(output, note, corner, preset, weights, seed, hop, stages, ema).write([a, b], sums.fade(begin, end))


@app.command()
def stretch(
    a: Sound, output: Out,
    times: Annotated[float, typer.Option(min=0.01, max=100.0, help="As long as before: 2 is half as fast.")] = 2.0,
    note: Note = None, corner: Corner = 1, preset: Base = None, weights: Weights = None, seed: Seed = 0,
    hop: Hop = 512, stages: Stages = 10, ema: Ema = False,
) -> None:  # fmt: skip
    """Slower or faster, at the same pitch."""
    from synthapp.sounds import sums

    _Job(output, note, corner, preset, weights, seed, hop, stages, ema).write([a], sums.stretch(times))


@app.command()
def reverse(
    a: Sound, output: Out, note: Note = None, corner: Corner = 1, preset: Base = None, weights: Weights = None,
    seed: Seed = 0, hop: Hop = 512, stages: Stages = 10, ema: Ema = False,
) -> None:  # fmt: skip
    """Its end first, at the same pitch."""
    from synthapp.sounds import sums

    _Job(output, note, corner, preset, weights, seed, hop, stages, ema).write([a], sums.reverse())


class _Job:
    """What all of these commands do with their options."""

    def __init__(self, output, note, corner, preset, weights, seed, hop, stages, ema):
        from models import checkpoints
        from presets.file import SUFFIX
        from synthapp.sounds import own_sound
        from synthapp.sounds.audiofile import check_suffix

        check_suffix(output, SUFFIX, ".npy", ".wav")
        self.output, self.note, self.corner, self.seed = output, note, corner - 1, seed
        self.playable = output.suffix.lower() == SUFFIX
        self.base = own_sound.base_preset(preset, weights) if self.playable else None
        asked = weights, hop, stages, ema
        self.checkpoint = checkpoints.read(source_for(self.base, *asked) if self.base else source_of(*asked))

    def write(self, texts, what):
        """Do it, and write what the output's name says. Raises SynthError."""
        from common.atomic import replacing
        from common.lines import tell
        from common.pitch import key_hz
        from synthapp.sounds import own_sound, sums
        from synthapp.sounds.decoding import write_sound_of
        from synthapp.sounds.npyfile import write_embedding

        sources = sums.Sources(self.checkpoint, self.note)
        if self.playable:
            sound = sums.summed_sound(sources, texts, what)
            own_sound.put_into_preset(self.checkpoint, sound, self.output, self.base, self.corner)
            return
        embedding = sums.summed_embedding(sources, texts, what)
        if self.output.suffix.lower() == ".npy":
            with replacing(self.output) as temporary:
                write_embedding(temporary, embedding)
            tell(f"{self.output}: {embedding.shape[0]} frames of {embedding.shape[1]}")
        else:
            hz = sources.hz or float(key_hz(own_sound.UNNAMED_KEY))
            write_sound_of(self.checkpoint, embedding, self.output, hz, None, self.seed)
