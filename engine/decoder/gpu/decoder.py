"""The Decoder over a device with the kernel of one shape: slots, ages, launches."""

import ctypes

import numpy as np

from common.errors import GpuError
from engine.decoder.gpu.buffers import Buffers
from engine.decoder.gpu.device import Arguments, Device
from engine.decoder.gpu.inputs import Inputs
from engine.decoder.gpu.packing import Packed, pack
from engine.decoder.gpu.shapes import Shape, filled
from engine.decoder.gpu.sound import Sound

EXCHANGES = 3  # of a sample, beside one a layer
TAGS = 2**32  # of messages
NOBODY = -1  # the slot of a row without a voice


class GpuDecoder:
    """Decoder (see engine.decoder) for any config, on one GPU.

    weights : float32 arrays with the names of the torch state_dict, as `models.checkpoints.read` returns them
    voices : slots; each `spread.voices` rows of a call are one group; more groups than the device holds play in turn
    shape : whose kernel the device has
    block : longest stretch of samples that is computed in one go; longer calls are cut
    All memory of the device is taken at construction. Raises GpuError where the kernel says that a message never came;
    what its voices remember is then lost.
    """

    def __init__(self, weights: dict[str, np.ndarray], voices: int, shape: Shape, device: Device, block: int = 512):
        self.config, self.voices = shape.config, voices
        self._shape, self._device, self._block = shape, device, block
        self._packed = pack(shape, weights)
        _check(device.sizes, shape, self._packed)
        self._inputs, self._sound = Inputs(self.config, weights, voices), Sound(self.config, voices)
        self._groups = min(device.groups, filled(voices, shape.spread.voices) // shape.spread.voices)  # of a launch
        self._buffers = Buffers(device, shape, self._packed, voices, self._groups, block)
        self._buffers.write("failed", np.zeros(1, np.int32))
        self._conditions = np.zeros(0, np.float32)  # that the device has
        self._ages = np.zeros(voices, np.uint32)
        self._tag = TAGS  # none is left: the mail is cleared before the first launch

    def reset(self, slots: np.ndarray) -> None:
        """The next sample of these voices is the first of a note: sums that are older than it are not read."""
        self._ages[slots] = 0
        self._inputs.reset(slots)
        self._sound.reset(slots)

    def render(self, slots, latents, f0_hz, temperature, uniforms, audio) -> None:
        """Fill `audio`; shapes as in the protocol."""
        for part in self._parts(audio):
            self._advance(slots, latents, f0_hz[:, part], temperature, uniforms[:, part])
            heard = self._buffers.read("sounds", audio[:, part].shape)
            self._sound.fill(slots, latents, heard, audio[:, part])

    def score(self, slots, samples, latents, f0_hz, uniforms) -> np.ndarray:
        """Teacher-forced outputs; shapes as in the protocol."""
        scores, greedy = np.zeros((*samples.shape, self.config.outputs), np.float32), np.zeros(len(slots))
        for part in self._parts(samples):
            self._buffers.write("forced", samples[:, part], np.float32)
            self._advance(slots, latents, f0_hz[:, part], greedy, uniforms[:, part], forced=True)
            scores[:, part] = self._buffers.read("scores", scores[:, part].shape)
        return scores

    def close(self) -> None:
        """Give back the memory of the device."""
        self._device.close()

    def _parts(self, rows):
        """Stretches of at most a block; none without rows."""
        count, samples = rows.shape
        return [slice(start, start + self._block) for start in range(0, samples if count else 0, self._block)]

    def _advance(self, slots, latents, f0_hz, temperature, uniforms, forced=False):
        """The next samples, at most a block, of these voices."""
        count, samples = uniforms.shape
        given = self._inputs.block(slots, latents, f0_hz, uniforms)
        self._write_conditions(given.conditions)
        self._write_rows("slots", slots, NOBODY, np.int32)
        self._write_rows("ages", self._ages[slots], 0, np.uint32)
        self._write_rows("temperature", temperature, 0, np.float32)
        self._buffers.write("uniforms", uniforms, np.float32)
        if given.entry is not None:
            beyond = self._shape.width - self.config.width
            self._buffers.write("entry", np.pad(given.entry, ((0, 0), (0, 0), (0, beyond))))
        if given.middle is not None:
            self._buffers.write("middle", given.middle)
        self._launch(count, samples, given.conditions.shape[1], forced)
        self._ages[slots] += np.uint32(samples)

    def _write_conditions(self, conditions):
        """Where they are not those of the last call: at the paper's size they take 1 MB for 8 voices."""
        if np.array_equal(conditions, self._conditions):
            return
        for name in ("condition", "out_condition"):
            matrix = getattr(self._packed, name)
            self._buffers.write(name, conditions @ matrix[:-1] + matrix[-1], np.float32)
        self._conditions = conditions

    def _write_rows(self, name, values, nobody, dtype):
        """values : (n,); behind them, rows of nobody"""
        behind = np.full(self._buffers.rows - len(values), nobody)
        self._buffers.write(name, np.concatenate([values, behind]), dtype)

    def _launch(self, count, samples, ticks, forced):
        """All groups, as many at once as the device holds."""
        voices = self._shape.spread.voices
        groups = filled(count, voices) // voices
        for first in range(0, groups, self._groups):
            tag = self._take_tags(samples)
            arguments = self._buffers.arguments(forced, tag=tag, samples=samples, ticks=ticks, row=first * voices)
            self._device.launch(arguments, min(self._groups, groups - first))
        if self._buffers.read("failed", (1,), np.int32)[0]:
            raise GpuError("the GPU's thread blocks waited in vain for each other; play on with the CPU")

    def _take_tags(self, samples):
        """First tag of a launch. Before one repeats, the mail is cleared of messages that carry it."""
        count = samples * (self.config.layers + EXCHANGES)
        if self._tag + count >= TAGS:
            self._buffers.clear_mail()
            self._tag = 1
        self._tag += count
        return self._tag - count


def _check(sizes, shape: Shape, packed: Packed):
    """Raises GpuError where the device has the kernel of another shape, or of another version."""
    wanted = packed.weights.shape[1] // 4, ctypes.sizeof(Arguments), shape.spread.blocks, shape.spread.threads
    if wanted != (sizes.step_words, sizes.argument_bytes, sizes.blocks, sizes.threads):
        raise GpuError(f"the GPU has the kernel of another shape: {sizes}, wanted {wanted}")
