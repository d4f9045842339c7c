"""The Decoder over a device with the kernel of one shape: slots, ages, launches."""

import ctypes

import numpy as np

from common.errors import GpuError
from engine.decoder.gpu.device import POINTERS, Arguments, Device
from engine.decoder.gpu.inputs import Inputs
from engine.decoder.gpu.packing import pack
from engine.decoder.gpu.shapes import Shape, filled
from engine.decoder.gpu.sound import Sound

EXCHANGES = 3  # of a sample, beside one a layer
NOBODY = -1


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
        self._inputs, self._sound = Inputs(self.config, weights, voices), Sound(self.config, voices)
        self._packed = pack(shape, weights)
        self._check()
        self._rows = filled(voices, shape.spread.voices)
        self._groups = min(device.groups, self._rows // shape.spread.voices)  # of one launch
        self._buffers = {name: device.allocate(nbytes) for name, nbytes in self._sizes().items()}
        for name in ("weights", "start", "res_bias", "skip_bias", "logit_bias"):
            device.write(self._buffers[name], getattr(self._packed, name))
        device.hold(self._buffers["weights"])
        self._put("failed", np.zeros(1, np.int32))
        self._ages = np.zeros(voices, np.uint32)
        self._tag = 2**32  # none is left: the mail is cleared before the first launch

    def reset(self, slots: np.ndarray) -> None:
        """The next sample of these voices is the first of a note: sums that are older than it are not read."""
        self._ages[slots] = 0
        self._inputs.reset(slots)
        self._sound.reset(slots)

    def render(self, slots, latents, f0_hz, temperature, uniforms, audio) -> None:
        """Fill `audio`; shapes as in the protocol."""
        for part in self._parts(audio.shape[1]):
            heard = self._advance(slots, latents, f0_hz[:, part], temperature, uniforms[:, part])
            self._sound.fill(slots, latents, heard, audio[:, part])

    def score(self, slots, samples, latents, f0_hz, uniforms) -> np.ndarray:
        """Teacher-forced outputs; shapes as in the protocol."""
        scores = np.zeros((*samples.shape, self.config.outputs), np.float32)
        greedy = np.zeros(len(slots), np.float32)
        for part in self._parts(samples.shape[1]):
            given = slots, latents, f0_hz[:, part], greedy, uniforms[:, part]
            scores[:, part] = self._advance(*given, forced=samples[:, part])
        return scores

    def close(self) -> None:
        """Give back the memory of the device."""
        self._device.close()

    def _check(self):
        sizes, spread = self._device.sizes, self._shape.spread
        known = self._packed.weights.shape[1] // 4, ctypes.sizeof(Arguments), spread.blocks, spread.threads
        if known != (sizes.step_words, sizes.argument_bytes, sizes.blocks, sizes.threads):
            raise GpuError(f"the kernel was compiled for another shape: {sizes}, wanted {known}")

    def _parts(self, samples):
        return [slice(start, min(start + self._block, samples)) for start in range(0, samples, self._block)]

    def _sizes(self):
        """Bytes of every buffer."""
        config, sizes, packed, rows, block = self.config, self._device.sizes, self._packed, self._rows, self._block
        changing = config.pitch or config.harmonics
        ticks = -(-(block + config.tick - 1) // config.tick) if changing else 1
        words = {
            "condition": rows * ticks * packed.condition.shape[1],
            "out_condition": rows * ticks * packed.out_condition.shape[1],
            "entry": rows * block * self._shape.width if config.harmonics else 0,
            "middle": rows * block if config.direct else 0,
            "scores": rows * block * config.outputs,
            "heard": self.voices * 4,
            "history": self.voices * sizes.history_rows * sizes.blocks * self._shape.gates,
            "mail": self._groups * 2 * sizes.blocks * sizes.units * 4,
            "failed": 1,
            **dict.fromkeys(("slots", "ages", "temperature"), rows),
            **dict.fromkeys(("uniforms", "forced", "sounds"), rows * block),
        }
        constant = {name: getattr(packed, name).nbytes for name in POINTERS[:5]}
        return constant | {name: 4 * count for name, count in words.items() if count}

    def _advance(self, slots, latents, f0_hz, temperature, uniforms, forced=None):
        """float32 (n, samples): what is drawn; or, where something is forced, (n, samples, outputs)."""
        count, samples = uniforms.shape
        given = self._inputs.block(slots, latents, f0_hz, uniforms)
        self._put_conditions(given.conditions)
        self._put("slots", self._idle(slots, NOBODY, np.int32))
        self._put("ages", self._idle(self._ages[slots], 0, np.uint32))
        self._put("temperature", self._idle(temperature, 0, np.float32))
        self._put("uniforms", uniforms)
        if given.entry is not None:
            beyond = self._shape.width - self.config.width
            self._put("entry", np.pad(given.entry, ((0, 0), (0, 0), (0, beyond))) if beyond else given.entry)
        if given.middle is not None:
            self._put("middle", given.middle)
        if forced is not None:
            self._put("forced", forced)
        self._launch(count, samples, given.conditions.shape[1], forced is not None)
        self._ages[slots] += np.uint32(samples)
        return self._get("sounds", count, samples) if forced is None else self._get("scores", count, samples, self.config.outputs)

    def _put_conditions(self, conditions):
        packed = self._packed
        for name, matrix in (("condition", packed.condition), ("out_condition", packed.out_condition)):
            self._put(name, conditions @ matrix[:-1] + matrix[-1])

    def _idle(self, values, value, dtype):
        """Rows of nobody behind those of a call."""
        return np.concatenate([values, np.full(self._rows - len(values), value)]).astype(dtype)

    def _launch(self, count, samples, ticks, forced):
        """All groups, as many at once as the device holds."""
        voices = self._shape.spread.voices
        left = {"scores", "forced"} if not forced else set()
        addresses = [None if name in left else self._address(name) for name in POINTERS]
        groups = filled(count, voices) // voices
        for first in range(0, groups, self._groups):
            tag = self._next_tags(samples)
            arguments = Arguments(*addresses, tag, samples, ticks, first * voices)
            self._device.launch(arguments, min(self._groups, groups - first))
        if self._get("failed", 1, dtype=np.int32)[0]:
            raise GpuError("the GPU's thread blocks waited in vain for each other; play on with the CPU")

    def _next_tags(self, samples):
        """First tag of a launch. None repeats while messages that carry it lie about: before that the mail is cleared."""
        count = samples * (self.config.layers + EXCHANGES)
        if self._tag + count >= 2**32:
            self._put("mail", np.zeros(self._buffers["mail"].nbytes, np.uint8))
            self._tag = 1
        self._tag += count
        return self._tag - count

    def _address(self, name):
        return self._buffers[name].address if name in self._buffers else None

    def _put(self, name, array):
        dtype = np.float32 if array.dtype == np.float64 else array.dtype
        self._device.write(self._buffers[name], np.ascontiguousarray(array, dtype))

    def _get(self, name, *shape, dtype=np.float32):
        array = np.empty(shape, dtype)
        self._device.read(self._buffers[name], array)
        return array
