"""Weights -> a decoder that plays them. The only place that names a backend.

A new backend is one new file with an `open` function like `open_cpu`, and one line in BACKENDS.
"""

from collections.abc import Callable
from dataclasses import dataclass

from common.errors import ModelError
from engine.decoder.additive.opening import open_additive
from engine.decoder.baseline.opening import open_baseline
from engine.decoder.choice import held
from engine.decoder.cpu.kernels.compiling import SOURCES
from engine.decoder.cpu.opening import open_cpu
from engine.decoder.frozen.opening import open_frozen
from engine.decoder.gpu.opening import open_gpu, outplays_cpu
from engine.decoder.protocol import EXACT, Decoder, DecoderChoice, Wish, rows_of_a_voice
from models.checkpoints import Checkpoint
from models.checkpoints.kinds import BASELINE_PAD, FROZEN, HARMONIC, WAVENET

BLOCK = 512  # longest stretch of samples that is computed in one go; longer calls are cut


@dataclass(frozen=True)
class Backend:
    """open : makes the decoder, with voices + spare slots; raises ModelError; kinds : of models that it plays
    suits : whether "auto" may take it for this wish
    """

    open: Callable[[Wish], Decoder]
    kinds: tuple[str, ...] = (WAVENET,)
    suits: Callable[[Wish], bool] = lambda wish: True


# The first that plays the kind of model and suits is the one of "auto".
BACKENDS = {
    "gpu": Backend(open_gpu, suits=outplays_cpu),
    "cpu": Backend(open_cpu),
    "additive": Backend(open_additive, (HARMONIC,)),
    "frozen": Backend(open_frozen, (FROZEN,)),
    "baseline": Backend(open_baseline, (BASELINE_PAD,)),
}


def open_decoder(
    checkpoint: Checkpoint, voices: int, choice: DecoderChoice = EXACT, spare: int = 0, block: int = BLOCK,
    tell: Callable[[str], object] = print, warn: Callable[[str], object] | None = None, live: bool = False,
) -> Decoder:  # fmt: skip
    """The decoder of these weights; arguments as in `Wish`, but a stereo voice is one. Takes seconds, the very first
    time a minute.

    Raises ModelError where there is no such backend, or it does not play this kind of model.
    """
    rows = rows_of_a_voice(checkpoint.config)
    wish = Wish(checkpoint, rows * voices, rows * spare, choice, block, tell, warn or tell, live)
    return _find(choice.backend, checkpoint.kind, wish).open(wish)


def held_voices(
    checkpoint: Checkpoint, choice: DecoderChoice, least: int, most: int, tell: Callable[[str], object] = print
) -> tuple[int, DecoderChoice]:
    """How many voices this machine was measured to hold of what plays `least` of them, and how to open it with so many.

    The more there are the better; but for them no other precision and no more cores are taken than for the least.
    """

    def open_() -> Decoder:
        return open_decoder(checkpoint, least, choice, tell=tell, warn=lambda line: None)

    return held(open_, choice, f"{SOURCES}; {checkpoint.config}", least, most)


def _find(name, kind, wish):
    """The backend of that name; what is wished of a WaveNet does not matter to models of other kinds."""
    if name != "auto" and name not in BACKENDS:
        raise ModelError(f"there is no decoder {name!r}; known are {', '.join(BACKENDS)} and auto")
    if name == "auto" or kind != WAVENET:
        fitting = (backend for backend in BACKENDS.values() if kind in backend.kinds)
        found = next((backend for backend in fitting if backend.suits(wish)), None)
        if found is None:
            raise ModelError(f"no decoder plays a model of kind {kind!r}; take other weights")
        return found
    if kind not in BACKENDS[name].kinds:
        raise ModelError(f"the decoder {name!r} does not play a model of kind {kind!r}; take auto")
    return BACKENDS[name]
