"""A take into files for other programs."""

from pathlib import Path
from typing import Annotated

import typer

from synthapp.commands.options import Output, Weights


def take(
    source: Annotated[Path, typer.Argument(metavar="FILE.take", help="What the instrument has recorded.")],
    output: Output,
    midi: Annotated[Path | None, typer.Option(metavar="OUT.mid", help="The notes and controllers, too.")] = None,
    weights: Weights = None,
) -> None:
    """Play a take again, bit for bit: into a WAV file, and a MIDI file."""
    from common.atomic import replacing
    from common.lines import tell
    from engine.decoder.opening import open_decoder
    from engine.decoder.protocol import DecoderChoice
    from engine.offline.replay import replay
    from engine.offline.songwriter import write_song
    from engine.performance import read_take
    from engine.synth import spare_voices
    from models import checkpoints
    from synthapp.sounds.audiofile import check_suffix
    from synthapp.sounds.wavfile import check_size, writing

    check_suffix(output, ".wav")
    taken = read_take(source)
    checkpoint = checkpoints.read(_weights_of(taken, weights))
    seconds = (taken.end - taken.start) / checkpoint.config.rate
    check_size(output, 8 * seconds * taken.rate)
    choice = DecoderChoice(precision=taken.precision)
    decoder = open_decoder(checkpoint, taken.polyphony, choice, spare_voices(taken.polyphony))
    with replacing(output) as temporary, writing(temporary, taken.rate, 2) as write:
        for block in replay(taken, decoder):
            write(block)
    tell(f"{output}: {seconds:.1f} s")
    if midi is not None:
        write_song(taken, checkpoint.config.rate, midi)
        tell(f"{midi}: notes and controllers")


def _weights_of(taken, asked):
    """Raises SynthError where the weights that it was played with are not to be had."""
    from common.errors import ModelError
    from models.checkpoints.known import KnownWeights
    from synthapp.commands.options import source_of

    source = source_of(asked)
    found = KnownWeights(source).find(taken.model) if taken.model else source
    if found is None:
        raise ModelError("the take was played with other weights, which are not here; import them, or choose --weights")
    return found
