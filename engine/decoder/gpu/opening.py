"""Weights -> the decoder of a GPU; where there is none, one line and the processor's."""

import os
from dataclasses import replace

from common.errors import GpuError
from engine.decoder import speed
from engine.decoder.cpu.kernels.compiling import SOURCES
from engine.decoder.cpu.opening import open_cpu
from engine.decoder.gpu import tiers
from engine.decoder.memory import Memory
from engine.decoder.protocol import Decoder, DecoderChoice, Precision, Wish


def open_gpu(wish: Wish) -> Decoder:
    """See `engine.decoder.opening`. Warns where the processor plays in its place, or where it is too slow to play."""
    try:
        place = tiers.find_gpu()
        decoder, best = tiers.open_best(place, wish)
    except GpuError as error:
        wish.warn(f"the processor plays: {error}")
        return open_cpu(wish)
    rate = wish.checkpoint.config.rate
    if best.us > 1e6 / rate:
        wish.warn(speed.too_slow(place.gpu.name, wish.voices, best.us, rate))
    return decoder


def outplays_cpu(wish: Wish) -> bool:
    """Whether the GPU is to play where nobody minds: where the processor plays too few voices, and the GPU is faster.

    Who names a precision or cores means the processor: the same audio on every machine.
    """
    if wish.choice.precision != "auto" or wish.choice.cores:
        return False
    kept = Memory().recall(_cpu_key(wish))
    if isinstance(kept, float) and kept <= tiers.budget_us(wish):
        return False  # the driver need not be woken
    try:
        place = tiers.find_gpu()
        cpu_us = kept if isinstance(kept, float) else _measure_cpu(wish)
        return cpu_us > tiers.budget_us(wish) and tiers.best_us(place, wish) < cpu_us
    except GpuError:
        return False


def _cpu_key(wish):
    return f"{speed.processor()}, {_cores()} cores beside a GPU; {SOURCES}; {wish.checkpoint.config}; {wish.voices}"


def _cores():
    return min(os.cpu_count() or 1, 8)


def _measure_cpu(wish):
    """Microseconds of a sample on all cores of the processor; remembered."""
    wish.tell("measuring how many voices the processor plays")
    precision: Precision = "float32" if wish.checkpoint.ranges is None else "int8"
    decoder = open_cpu(replace(wish, choice=DecoderChoice("cpu", precision, _cores())))
    measured = speed.step_us(decoder, wish.voices, _cores())
    decoder.close()
    Memory().keep(_cpu_key(wish), measured)
    return measured
