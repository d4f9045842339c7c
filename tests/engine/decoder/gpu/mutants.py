"""Kernels that each lack one thing that they need: the emulation must notice every one of them."""

from pathlib import Path
from shutil import copytree
from typing import NamedTuple

from engine.decoder.gpu.device import KERNEL
from engine.decoder.gpu.shapes import Spread

# The copy engine brings the weights and rows fit; every thread fetches and the last blocks have rows to spare.
ENGINE = Spread(4, voices=2, threads=96, slots=2, weights="float32")
FETCH = Spread(7, voices=2, threads=96, slots=1, weights="float32", engine=False)
BOTH = (ENGINE, FETCH)


class Mutant(NamedTuple):
    """file : of kernel/; text : in it, once; instead : what stands there; spreads : where it matters"""

    file: str
    text: str
    instead: str
    spreads: tuple[Spread, ...] = BOTH


def _without_barrier(before, after="", file="kernel.cu"):
    """before, after : lines next to a barrier"""
    return Mutant(file, before + "sync_block();" + after, before + after)


MUTANTS = {
    "no barrier between product and sum": _without_barrier("NOW_TILES * URGENT_SPLIT);\n        "),
    "no barrier between sum and gates": _without_barrier("128, h_sums);\n        "),
    "no barrier before a product": _without_barrier("next_piece();\n        ", "\n        multiply<GATES"),
    "no barrier before the first product": _without_barrier("next_piece();\n        ", "\n        multiply<FIRST"),
    "no barrier before a message is sent": _without_barrier("", "\n        mailbox.send<LOGIT_UNITS>"),
    "no barrier before skips are sent": _without_barrier("", "\n        mailbox.send<SKIP_UNITS>"),
    "no barrier after old taps": _without_barrier("s.partial, 0);\n        ", "\n        gather_parts<OLD_ROWS"),
    "no barrier before the drawing": _without_barrier("bits_float(word);\n        });\n        "),
    "no barrier after the drawing": _without_barrier("= outputs[c];\n        }\n        "),
    "one mailbox instead of two": Mutant("exchange.h", "(tag & 1) * BLOCKS", "0 * BLOCKS"),
    "messages are taken before they are there": Mutant(
        "exchange.h", "missing && !lost && (WAITING || tries == 0); tries++", "tries < 1; tries++"
    ),
    "weights are not waited for": Mutant("exchange.h", "if (WEIGHTS) wait_words(", "if (0) wait_words("),
    "weights are fetched over those in use": Mutant(
        "kernel.cu", "if (OLD_TAPS) multiply<", "fetch(), stream.next--;\n        if (OLD_TAPS) multiply<"
    ),
    "old taps do not wait for their weights": Mutant(
        "kernel.cu", "next_piece();\n        if (OLD_TAPS)", "stream.slot(piece);\n        if (OLD_TAPS)"
    ),
    "weights are fetched before their arrivals are ready": Mutant(
        "kernel.cu", "arrivals_ready();\n        }\n        sync_block();", "arrivals_ready();\n        }", (FETCH,)
    ),
    "one thread fetches where all must": Mutant("kernel.cu", "if (thread < FETCHERS)", "if (thread == 0)", (FETCH,)),
    "rows beyond the model are taken": Mutant("kernel.cu", "if (k < WIDTH) (side", "(side", (FETCH,)),
    "old sums are read before their age": Mutant("kernel.cu", "if (age >= (u32)dilation(layer)) old", "old"),
    "old sums are added to before their age": Mutant(
        "kernel.cu", "if (TAPS == 3 && age >= (u32)d) add(soon, one); else *soon = one;", "add(soon, one);"
    ),
    "a new note hears the one before": Mutant("kernel.cu", "a.ages[row + i / 4] && i % 4", "i % 4"),
    "conditions are a layer late": Mutant("kernel.cu", "look_up(layer + 1, t);", "look_up(layer, t);"),
    "the drawing waits for no warp": Mutant("kernel.cu", "sync_warp();", ""),
    "the entry is a sample late": Mutant("kernel.cu", "look_up_entry(t + 1);", "look_up_entry(t);"),
    "conditions are those of the call's start": Mutant("kernel.cu", "+ t) / largest(TICK", ") / largest(TICK"),
}


def mutated(name: str, folder: Path) -> Path:
    """The kernel without one thing, in a new folder; "": the kernel itself. Returns that of its text."""
    kernel = copytree(KERNEL, folder / "kernel")
    if name:
        mutant = MUTANTS[name]
        text = (kernel / mutant.file).read_text()
        if text.count(mutant.text) != 1:
            raise ValueError(f"{name}: its text stands in {text.count(mutant.text)} places of {mutant.file}")
        (kernel / mutant.file).write_text(text.replace(mutant.text, mutant.instead))
    return kernel
