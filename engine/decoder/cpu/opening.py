"""Weights -> the CPU's decoder, in the precision and on the cores that are wanted, or that play enough voices here."""

from engine.decoder import choice
from engine.decoder.cpu.decoder import CpuDecoder
from engine.decoder.cpu.kernels.compiling import SOURCES
from engine.decoder.cpu.ranges import measure_ranges
from engine.decoder.protocol import Precision, Wish


def open_cpu(wish: Wish) -> CpuDecoder:
    """See `engine.decoder.opening`."""
    checkpoint = wish.checkpoint
    config, weights = checkpoint.network

    def make(precision: Precision, cores: int) -> CpuDecoder:
        ranges = None
        if precision == "int8":
            ranges = measure_ranges(config, weights) if checkpoint.ranges is None else checkpoint.ranges
        return CpuDecoder(config, weights, wish.voices + wish.spare, wish.block, precision, cores, ranges)

    return make(*choice.choose(make, wish, SOURCES))
