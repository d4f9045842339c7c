"""The ways to play on a GPU, best first: the kernel with weights of 16 bits, of 8, then plain torch.

Which one plays enough voices is measured once and remembered. What a GPU cannot hold is refused in one line, and the
next tier is taken.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from common.errors import GpuError
from engine.decoder import speed
from engine.decoder.gpu import cards
from engine.decoder.gpu.cuda.compiler import find_compiler, machine_code
from engine.decoder.gpu.cuda.driver import Driver, Gpu
from engine.decoder.gpu.cuda.launching import CudaDevice
from engine.decoder.gpu.decoder import GpuDecoder
from engine.decoder.memory import Memory
from engine.decoder.protocol import Decoder, PrecisionWish, Wish
from models.config import WaveNetConfig

Tier = Literal["fp16", "int8", "plain"]

# On a GPU what is not rounded to bytes has 16 bits.
_TIERS: dict[PrecisionWish, tuple[Tier, ...]] = {
    "auto": ("fp16", "int8", "plain"), "float32": ("fp16", "plain"), "int8": ("int8",),
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """A GPU and the way to it."""

    driver: Driver
    gpu: Gpu


@dataclass(frozen=True)
class Best:
    """The tier that plays; us : microseconds in which all voices advance by one sample"""

    tier: Tier
    us: float


def find_gpu() -> Place:
    """The largest GPU. Raises GpuError where there is none, or no driver."""
    driver = Driver()
    return Place(driver, max(driver.gpus(), key=lambda gpu: gpu.multiprocessors))


def expected_tier(place: Place, config: WaveNetConfig, voices: int) -> str:
    """How a GPU would play such a network, as far as that can be said without trying."""
    for tier in ("fp16", "int8"):
        try:
            shape = cards.choose(config, voices, tier, cards.Card(place.gpu.multiprocessors, place.gpu.shared))
        except GpuError:
            continue
        return f"by the kernel in {tier}, thread blocks for {shape.spread.voices} voices: {shape.spread.blocks}"
    return "by plain torch"


def open_tier(tier: Tier, place: Place, wish: Wish) -> Decoder:
    """Raises GpuError, one line, where the GPU cannot hold it, or what it needs is not here."""
    config, weights = wish.checkpoint.network
    voices = wish.voices + wish.spare
    if tier == "plain":
        return _open_plain(config, weights, voices, wish.block, place.gpu)
    shape = cards.choose(config, voices, tier, cards.Card(place.gpu.multiprocessors, place.gpu.shared))
    compiler = find_compiler(place.driver.version)
    wish.tell(f"laying the weights out for {place.gpu.name}: {tier}")
    device = CudaDevice(place.driver, place.gpu, machine_code(compiler, place.gpu.architecture, shape.defines))
    try:
        return GpuDecoder(weights, voices, shape, device, wish.block)
    except GpuError:
        device.close()
        raise


def _open_plain(config, weights, voices, block, gpu):
    try:
        import torch

        from engine.decoder.gpu.plain.decoder import PlainDecoder  # the only way in which playing comes to torch
    except ModuleNotFoundError:
        raise GpuError("the plain tier needs torch; install torch for CUDA") from None
    return PlainDecoder(config, weights, voices, block, f"cuda:{gpu.number}", torch.float16)


def open_best(place: Place, wish: Wish) -> tuple[Decoder, Best]:
    """The first tier that plays so many voices with headroom, else the fastest; one that is refused is told of.

    It is measured once for a GPU, a driver and this code. Raises GpuError where every tier is refused.
    """
    known = _recall(place, wish)
    if known is not None:
        return open_tier(known.tier, place, wish), known
    decoder, best = _measured(place, wish)
    Memory().keep(_key(place, wish), [best.tier, best.us])
    decoder.reset(np.arange(decoder.voices))
    return decoder, best


def best_us(place: Place, wish: Wish) -> float:
    """Microseconds of a sample of the tier that would be opened. Raises GpuError as `open_best` does."""
    known = _recall(place, wish)
    if known is None:
        decoder, known = open_best(place, wish)
        decoder.close()
    return known.us


def _recall(place, wish) -> Best | None:
    return _remembered(Memory().recall(_key(place, wish)))


def _key(place, wish):
    asked = f"{wish.checkpoint.config}; {wish.voices}, {wish.choice.precision}"
    return f"{place.gpu}, CUDA {place.driver.version}; {_version()}; {asked}"


def _version():
    """8 hex digits for all that the GPU's speed depends on here."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.*")):
        if path.suffix in (".py", ".cu", ".h"):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:8]


def _remembered(kept) -> Best | None:
    match kept:
        case ["fp16" | "int8" | "plain" as tier, float(us)]:
            return Best(tier, us)
    return None


def _measured(place, wish):
    """(decoder, what it is); those that are slower are closed again. Where none plays, the first refusal is raised."""
    chosen: tuple[Decoder, Best] | None = None
    refusals: list[GpuError] = []
    for tier in _TIERS[wish.choice.precision]:
        try:
            found = _try(tier, place, wish)
        except GpuError as error:
            wish.tell(f"not the {tier} tier: {error}")
            refusals.append(error)
            continue
        slower, chosen = (found, chosen) if chosen and chosen[1].us <= found[1].us else (chosen, found)
        if slower:
            slower[0].close()
        if chosen[1].us <= budget_us(wish):
            break
    if chosen is None:
        raise refusals[0]
    return chosen


def _try(tier, place, wish):
    """(decoder, how fast it is)"""
    decoder = open_tier(tier, place, wish)
    wish.tell(f"measuring how many voices {place.gpu.name} plays: {tier}")
    try:
        return decoder, Best(tier, speed.live_us(decoder, wish.voices))
    except GpuError:
        decoder.close()
        raise


def budget_us(wish: Wish) -> float:
    """Microseconds of a sample that a decoder may take."""
    return 1e6 / wish.checkpoint.config.rate * (1 - speed.HEADROOM)
