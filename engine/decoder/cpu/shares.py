"""What each core works with: voices of its own, or outputs of its own in every layer of all voices.

Voices are independent, so cores that share them need not wait for each other; but each reads all weights, and a lone
voice has one core. Where the weights do not fit the near caches, reading them is what takes time: there each core
reads those of its own outputs, for all voices, and waits for the others twice a layer (`layers.wait_for_team`). Every
sum is the same, bit for bit.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.decoder.cpu.kernels.emit.structs import struct_of
from engine.decoder.cpu.kernels.layout import Block, Layers, Network, State, Work, aligned_array
from engine.decoder.cpu.kernels.processor import LANES

COLUMNS = 4 * LANES  # of the widest block in which weights are packed: a share begins with one


@dataclass
class Share:
    """What one core works with: its own scratch, and the rows of the call that are its own.

    structs : network, layers, state, work and block as kernels read them; pointers : their addresses
    """

    layers: Layers
    work: Work
    block: Block
    structs: list[np.ndarray]
    pointers: list[int]
    rows: slice

    @property
    def voices(self) -> int:
        return self.rows.stop - self.rows.start

    def fill(self, f0_hz: np.ndarray, uniforms: np.ndarray, part: slice) -> None:
        """Take the samples of `part` of its rows."""
        count = part.stop - part.start
        self.block.f0_hz[: self.voices, :count] = f0_hz[self.rows, part]
        self.block.uniforms[: self.voices, :count] = uniforms[self.rows, part]


def share_of(network: Network, layers: Layers, state: State, work: Work, block: Block) -> Share:
    """With pointers that kernels take."""
    structs = [struct_of(fields) for fields in (network, layers, state, work, block)]
    return Share(layers, work, block, structs, [struct.ctypes.data for struct in structs], slice(0, 0))


def whole(layers: Layers, work: Work) -> tuple[Layers, Work]:
    """Of a core that has voices of its own: all outputs are its own, and what leaves its gates."""
    gated = aligned_array(layers.gated)
    own_layers = layers._replace(own_history=layers.history, gated=gated, own_gated=gated)
    own_work = work._replace(own_conditions=work.conditions, own_residual=work.residual, own_skip=work.skip)
    return own_layers, own_work


def teams(layers: Layers, make_work: Callable[[], Work], cores: int) -> list[tuple[Layers, Work]]:
    """Of cores that share the outputs of every layer: the first also does what is not shared."""
    works = [make_work() for _ in range(cores)]
    arrivals = aligned_array(np.zeros((cores, 8), np.int64))
    shares = []
    for core, work in enumerate(works):
        common = {name: getattr(works[0], name) for name in ("conditions", "residual", "skip")}
        work = work._replace(core=core, team=cores, arrivals=arrivals, **common)
        shares.append(_part(layers, work, core, cores))
    return shares


def _part(layers, work, core, cores):
    """Views of one core's outputs: of the width, twice as many of the gates, and of the skip path."""
    width, skip = work.residual.shape[1], work.skip.shape[1]
    own, own_skip = _columns(width, core, cores), _columns(skip, core, cores)
    gates = slice(2 * own.start, 2 * own.stop)
    own_layers = layers._replace(
        own_history=layers.history[:, own],
        own_gated=layers.gated[:, own.start :],
        dilated=_packed(layers.dilated, 2 * width, gates),
        old_taps=_packed(layers.old_taps, 2 * width, gates),
        newest_tap=_packed(layers.newest_tap, 2 * width, gates),
        dilated_scale=layers.dilated_scale[:, gates],
        lookahead=layers.lookahead[:, gates],
        lookahead_age=layers.lookahead_age.copy(),
        no_lookahead=layers.no_lookahead[:, gates],
        res=_packed(layers.res, width, own),
        res_scale=layers.res_scale[:, own],
        res_bias=layers.res_bias[:, own],
        skip=_packed(layers.skip, skip, own_skip),
        skip_scale=layers.skip_scale[:, own_skip],
    )
    own_work = work._replace(
        own_conditions=work.conditions[:, gates.start :],
        own_residual=work.residual[:, own],
        own_skip=work.skip[:, own_skip],
    )
    return own_layers, own_work


def _columns(count, core, cores):
    """The core's part of so many columns: whole blocks, and for the last core what is left."""
    blocks = count // COLUMNS
    return slice(
        blocks * core // cores * COLUMNS, count if core == cores - 1 else blocks * (core + 1) // cores * COLUMNS
    )


def _packed(matrices, outputs, columns):
    """The part of packed matrices (n, inputs * outputs) that belongs to some columns."""
    inputs = matrices.shape[1] // outputs
    return matrices[:, inputs * columns.start : inputs * columns.stop]
