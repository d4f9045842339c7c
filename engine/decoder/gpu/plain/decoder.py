"""The plain tier's Decoder: blocks of samples, computed one after the other; on a GPU as CUDA graphs."""

from contextlib import contextmanager

import numpy as np
import torch

from common.errors import GpuError
from engine.decoder.gpu.inputs import Inputs
from engine.decoder.gpu.plain.network import Call, Network, State
from engine.decoder.gpu.sound import Sound
from models.config import WaveNetConfig

_STEPS_A_GRAPH = 16


class PlainDecoder:
    """Decoder (see engine.decoder) for any config; every step computes all voices, sounding or not.

    weights : names and shapes of the torch state_dict
    voices : slots; block : longest stretch of samples that is computed in one go
    device : of torch; dtype : of products. Raises GpuError where the device has no room, or fails later.
    """

    def __init__(
        self, config: WaveNetConfig, weights: dict[str, np.ndarray], voices: int, block: int = 512, device: str = "cpu",
        dtype: torch.dtype = torch.float32,
    ):  # fmt: skip
        self.config, self.voices = config, voices
        self._block, self._device = block, torch.device(device)
        self._inputs, self._sound = Inputs(config, weights, voices), Sound(config, voices)
        self._ages = np.zeros(voices, np.int64)
        with _as_gpu_error():
            self._network = Network(config, weights, self._device, dtype)
            self._state = State.silent(config, voices + 1, self._device, dtype)
            self._call = Call.empty(config, voices, block, block // config.tick + 2, self._device)
            self._call.entry[:] = self._network.bias
            self._stack = self._network.stack(voices)
            self._graph = self._capture() if self._device.type == "cuda" else None

    def reset(self, slots: np.ndarray) -> None:
        """Silence the history of these voices: the next sample is the first of a note."""
        self._inputs.reset(slots)
        self._sound.reset(slots)
        self._ages[slots] = 0
        with _as_gpu_error():
            self._state.reset(torch.as_tensor(np.asarray(slots, np.int64), device=self._device))

    def render(self, slots, latents, f0_hz, temperature, uniforms, audio) -> None:
        """Fill `audio`; shapes as in the protocol."""
        for part in self._parts(audio.shape[1]):
            heard, _ = self._advance(slots, latents, f0_hz[:, part], temperature, uniforms[:, part], None)
            self._sound.fill(slots, latents, heard, audio[:, part])

    def score(self, slots, samples, latents, f0_hz, uniforms) -> np.ndarray:
        """Teacher-forced outputs; shapes as in the protocol."""
        rows, length = samples.shape
        scores = np.zeros((rows, length, self.config.outputs), np.float32)
        greedy = np.zeros(rows, np.float32)
        for part in self._parts(length):
            given = f0_hz[:, part], greedy, uniforms[:, part], samples[:, part]
            scores[:, part] = self._advance(slots, latents, *given)[1]
        return scores

    def close(self) -> None:
        """Give back the memory of the device."""
        del self._network, self._state, self._call, self._stack, self._graph

    def _parts(self, samples):
        return [slice(start, min(start + self._block, samples)) for start in range(0, samples, self._block)]

    @torch.no_grad()
    def _advance(self, slots, latents, f0_hz, temperature, uniforms, forced):
        """(what was heard, outputs) of the next samples, at most a block."""
        rows, samples = uniforms.shape
        given = self._inputs.block(slots, latents, f0_hz, uniforms)
        with _as_gpu_error():
            self._fill(given, slots, temperature, uniforms, forced)
            self._compute(samples)
            self._ages[slots] += samples
            call = self._call
            return call.sounded[:rows, :samples].cpu().numpy(), call.outputs[:rows, :samples].cpu().numpy()

    def _compute(self, samples):
        if self._graph is not None:
            for _ in range(samples // _STEPS_A_GRAPH):
                self._graph.replay()
            samples %= _STEPS_A_GRAPH
        for _ in range(samples):
            self._step()

    def _fill(self, given, slots, temperature, uniforms, forced):
        rows, samples = uniforms.shape
        call, config = self._call, self.config
        call.moment.zero_()
        call.slots.fill_(self.voices)[:rows] = self._put(np.asarray(slots, np.int64))
        call.temperature[:rows, 0] = self._put(np.asarray(temperature, np.float32))
        call.uniforms[:rows, :samples] = self._put(uniforms)
        spans = (self._ages[slots][:, None] % config.tick + np.arange(samples)) // config.tick
        call.span[:rows, :samples] = self._put(spans.clip(max=given.conditions.shape[1] - 1))
        self._network.condition(call, rows, self._put(given.conditions))
        for name in ("entry", "middle"):
            values = getattr(given, name)
            if values is not None:
                getattr(call, name)[:rows, :samples] = self._put(values)
        call.is_forced.fill_(forced is not None)
        if forced is not None:
            call.forced[:rows, :samples] = self._put(forced)

    def _put(self, array):
        return torch.from_numpy(np.ascontiguousarray(array)).to(self._device)

    def _step(self):
        self._network.step(self._state, self._call, self._stack)

    @torch.no_grad()
    def _capture(self):
        """Several steps as one launch. Whatever they change while they are captured is nobody's.

        Another thread may play on the same GPU meanwhile: what it does there is no part of the capture.
        """
        self._call.slots.fill_(self.voices)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.device(self._device):
            side = torch.cuda.Stream()
            side.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(side):
                self._step()  # libraries make their plans outside the graph
            torch.cuda.current_stream().wait_stream(side)
            self._call.moment.zero_()
            with torch.cuda.graph(graph, capture_error_mode="thread_local"):
                for _ in range(_STEPS_A_GRAPH):
                    self._step()
        return graph


@contextmanager
def _as_gpu_error():
    """What torch says of a device, in one line of our own."""
    try:
        yield
    except (RuntimeError, AssertionError) as error:  # a torch for processors alone asserts
        raise GpuError(f"torch cannot go on with the GPU: {str(error).splitlines()[0]}") from error
