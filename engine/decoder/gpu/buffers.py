"""Everything that the kernel reads and writes, in memory of the device that is taken once."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from engine.decoder.gpu.device import Arguments, Buffer, Device
from engine.decoder.gpu.packing import Packed
from engine.decoder.gpu.shapes import Shape, filled


class Buffers:
    """By the names of `Arguments`, for at most so many voices and samples; `rows` : voices, filled up to whole groups.

    What no call changes is there from the beginning; all else is undefined.
    """

    def __init__(self, device: Device, shape: Shape, packed: Packed, voices: int, groups: int, block: int):
        self.rows = filled(voices, shape.spread.voices)
        self._device, self._mail_words = device, groups * 2 * shape.spread.blocks * device.sizes.units * 4
        words = {
            **_of_rows(shape, packed, self.rows, block),
            "heard": voices * 4,
            "history": voices * device.sizes.history_rows * shape.spread.blocks * shape.gates,
            "mail": self._mail_words,
            "failed": 1,
        }
        constant = {name: getattr(packed, name) for name in ("weights", "start", "res_bias", "skip_bias", "logit_bias")}
        nbytes = {name: array.nbytes for name, array in constant.items()} | {name: 4 * n for name, n in words.items()}
        self._buffers: dict[str, Buffer] = {name: device.allocate(size) for name, size in nbytes.items() if size}
        for name, array in constant.items():
            self.write(name, array)
        device.hold(self._buffers["weights"])

    def write(self, name: str, array: np.ndarray, dtype: DTypeLike | None = None) -> None:
        """Fill the beginning of a buffer."""
        self._device.write(self._buffers[name], np.ascontiguousarray(array, dtype))

    def read(self, name: str, shape: tuple[int, ...], dtype: DTypeLike = np.float32) -> np.ndarray:
        """The beginning of a buffer."""
        array = np.empty(shape, dtype)
        self._device.read(self._buffers[name], array)
        return array

    def clear_mail(self) -> None:
        """No message lies about."""
        self.write("mail", np.zeros(self._mail_words, np.uint32))

    def arguments(self, forced: bool, **numbers: Any) -> Arguments:
        """Of a launch. forced : what is to be heard is given, and outputs are wanted"""
        arguments = Arguments(**numbers)
        for name in self._buffers if forced else self._buffers.keys() - {"forced", "scores"}:
            setattr(arguments, name, self._buffers[name].address)
        return arguments


def _of_rows(shape, packed, rows, block):
    """Words of what belongs to the rows of a call."""
    config, tick = shape.config, shape.tick
    ticks = filled(block + tick - 1, tick) // tick if tick else 1
    return {
        **dict.fromkeys(("slots", "ages", "temperature"), rows),
        **dict.fromkeys(("uniforms", "forced", "sounds"), rows * block),
        "condition": rows * ticks * packed.condition.shape[1],
        "out_condition": rows * ticks * packed.out_condition.shape[1],
        "entry": rows * block * shape.width if config.harmonics else 0,
        "middle": rows * block if config.direct else 0,
        "scores": rows * block * config.outputs,
    }
