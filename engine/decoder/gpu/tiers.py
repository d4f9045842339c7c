"""The ways to play on a GPU, best first: the kernel with weights of 16 bits, of 8, then plain torch.

Which one plays enough voices is measured once and remembered. What a GPU cannot hold is refused in one line, and the
next tier is taken.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from common.errors import GpuError
from engine.decoder import speed
from engine.decoder.gpu import cards
from engine.decoder.gpu.cuda.compiler import find_compiler, machine_code
from engine.decoder.gpu.cuda.launching import CudaDevice
from engine.decoder.gpu.decoder import GpuDecoder
from engine.decoder.gpu.cuda.driver import Driver, Gpu
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
        blocks = shape.spread.blocks
        return f"by the kernel in {tier}, {blocks} thread block{'s' if blocks > 1 else ''} for {shape.spread.voices} voices"
    return "by plain torch"


def open_tier(tier: Tier, place: Place, wish: Wish) -> Decoder:
    """Raises GpuError, one line, where the GPU cannot hold it, or what it needs is not here."""
    config, weights = wish.checkpoint.network
    voices = wish.voices + wish.spare
    if tier == "plain":
        return _open_plain(config, weights, voices, wish.block, place.gpu)
    shape = cards.choose(config, voices, tier, cards.Card(place.gpu.multiprocessors, place.gpu.shared))
    compiler = find_compiler(place.driver.version)
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


def best_tier(place: Place, wish: Wish) -> Best:
    """The first tier that plays so many voices with headroom, else the fastest; one that is refused is told of.

    It is measured once for a GPU, a driver and this code. Raises GpuError where every tier is refused.
    """
    memory, asked = Memory(), f"{wish.checkpoint.config}; {wish.voices}, {wish.choice.precision}"
    key = f"{place.gpu}, CUDA {place.driver.version}; {_version()}; {asked}"
    known = _remembered(memory.recall(key))
    if known is None:
        known = _measure(place, wish)
        memory.keep(key, [known.tier, known.us])
    return known


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


def _measure(place, wish):
    found: list[Best] = []
    for tier, decoder in _opened(place, wish):
        wish.tell(f"measuring how many voices {place.gpu.name} plays: {tier}")
        try:
            found.append(Best(tier, speed.live_us(decoder, wish.voices)))
        finally:
            decoder.close()
        if found[-1].us <= budget_us(wish):
            break
    return min(found, key=lambda best: best.us)


def _opened(place, wish) -> Iterator[tuple[Tier, Decoder]]:
    """Every tier that can be opened; where none can, the first refusal is raised."""
    refusals: list[GpuError] = []
    tiers = _TIERS[wish.choice.precision]
    for tier in tiers:
        try:
            yield tier, open_tier(tier, place, wish)
        except GpuError as error:
            wish.tell(f"not the {tier} tier: {error}")
            refusals.append(error)
    if len(refusals) == len(tiers):
        raise refusals[0]


def budget_us(wish: Wish) -> float:
    """Microseconds of a sample that a decoder may take."""
    return 1e6 / wish.checkpoint.config.rate * (1 - speed.HEADROOM)
