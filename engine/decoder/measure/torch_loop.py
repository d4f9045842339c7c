"""Fast generation as one writes it in torch: rings of past inputs, one sample of all voices a step.

It is here to be compared with, not to play: greedy, at one pitch, without loudness and motion, its noise silent (but
computed); all voices start together. The layers run eagerly or as TorchScript.
"""

from collections import deque

import numpy as np
import torch

from common.pitch import hz_key
from models.config import GAIN_LOG_MAX, MIDDLE_C_HZ, REFERENCE_LEVEL, WaveNetConfig, phase_offsets
from models.excitation import noise_filters, noise_taps
from models.wavenet import compressed


def advance(
    x: torch.Tensor,
    skip: torch.Tensor,
    age: int,
    taps: int,
    dilations: list[int],
    rings: list[torch.Tensor],
    conditions: list[torch.Tensor],
    dilated: list[torch.Tensor],
    res: list[torch.Tensor],
    res_bias: list[torch.Tensor],
    skips: list[torch.Tensor],
    skip_bias: list[torch.Tensor],
) -> torch.Tensor:
    """All layers for one sample. x : (voices, width); skip, returned : (voices, skip_width); rings : past inputs."""
    width = x.shape[1]
    for layer in range(len(dilations)):
        ring = rings[layer]
        heard = [ring[(age + lag * dilations[layer]) % ring.shape[0]] for lag in range(taps - 1)]  # oldest first
        heard.append(x)
        a = conditions[layer] + torch.cat(heard, 1) @ dilated[layer]
        ring[age % ring.shape[0]] = x
        gated = torch.sigmoid(a[:, :width]) * torch.tanh(a[:, width:])
        x = x + gated @ res[layer] + res_bias[layer]
        skip = skip + gated @ skips[layer] + skip_bias[layer]
    return skip


class TorchLoop:
    """scripted : compile the layers with TorchScript, else run them eagerly."""

    def __init__(self, config: WaveNetConfig, weights: dict[str, np.ndarray], voices: int, scripted: bool = False):
        self.config = config
        self._voices = voices
        self._get = {
            name.removeprefix("decoder."): torch.from_numpy(values)
            for name, values in weights.items()
            if name.startswith("decoder.")
        }
        get = self._get
        self._advance = torch.jit.script(advance) if scripted else advance
        self._dilations = [int(dilation) for dilation in config.dilations]
        self._rings = [torch.zeros((config.taps - 1) * d, voices, config.width) for d in self._dilations]
        self._layers = (
            list(get["dilated.weight"].flatten(1, 2)),
            *(list(get[name].squeeze(1)) for name in ("res.weight", "res.bias", "skip.weight", "skip.bias")),
        )
        self._signal = deque([torch.zeros(voices, config.inputs)] * config.taps, config.taps)
        self._heard = torch.zeros(voices, 1)
        self._middle = torch.zeros(voices, 1)
        self._white = torch.zeros(voices, noise_taps(config))
        self._samples = 0

    def hold(self, latents: np.ndarray, f0_hz: float) -> None:
        """Conditioning maps of latents (voices, latent) that stay. The expensive part that no sample repeats."""
        config, get, self._f0_hz = self.config, self._get, f0_hz
        parts = [torch.from_numpy(latents[:, : config.timbre])]
        if config.pitch:
            note = round(hz_key(f0_hz))
            parts.append(torch.nn.functional.one_hot(torch.full((self._voices,), note), 128).float())
        if config.harmonics:
            parts.append(torch.full((self._voices, 1), 0.5 * float(np.log2(f0_hz / MIDDLE_C_HZ))))
        given = torch.cat(parts, 1)
        self._conditions = list(given @ get["cond.weight"][:, 0] + (get["cond.bias"] + get["dilated.bias"])[:, None])
        self._out1_bias = given @ get["cond_out1.weight"][0] + get["cond_out1.bias"] + get["out1.bias"]
        if config.harmonics:
            hidden = torch.relu(given @ get["gain1.weight"][0] + get["gain1.bias"])
            log_gains = hidden @ get["gain2.weight"][0] + get["gain2.bias"]
            gains = torch.exp(log_gains.clamp(max=GAIN_LOG_MAX))
            self._amplitudes, levels = gains[:, : config.harmonics], gains[:, config.harmonics :]
            if config.noise:
                self._noise_taps = levels @ torch.from_numpy(noise_filters(config).astype(np.float32))

    def render(self, samples: int) -> np.ndarray:
        """The next samples as the network hears them, float32 (voices, samples)."""
        with torch.inference_mode():
            return torch.cat([self._step() for _ in range(samples)], 1).numpy()

    def _step(self):
        config, get = self.config, self._get
        x = self._enter()
        skip = x @ get["skip_start.weight"][0] + get["skip_start.bias"]
        skip = self._advance(
            x, skip, self._samples, config.taps, self._dilations, self._rings, self._conditions, *self._layers
        )
        hidden = torch.relu(torch.relu(skip) @ get["out1.weight"][0] + self._out1_bias)
        self._heard = self._draw(hidden @ get["logits.weight"][0] + get["logits.bias"], self._middle)
        self._samples += 1
        return self._heard

    def _enter(self):
        """Start convolution and harmonics of this sample: (voices, width)."""
        config, get = self.config, self._get
        x: float | torch.Tensor = 0.0
        if config.feedback:
            known = [torch.ones(self._voices, 1)] if config.inputs == 2 else []
            self._signal.append(torch.cat([self._heard, *known], 1))
            x = torch.cat(list(self._signal), 1) @ get["start.weight"].flatten(0, 1) + get["start.bias"]
        if not config.harmonics:
            return x
        k = np.arange(1, config.harmonics + 1)
        angles = 2 * np.pi * (k * self._f0_hz * self._samples / config.rate % 1) + phase_offsets(config.harmonics)
        angles = torch.from_numpy(angles.astype(np.float32))
        audible = (k * self._f0_hz < config.harmonic_limit_hz).astype(np.float32)
        amplitudes = self._amplitudes * torch.from_numpy(audible)
        parts = [torch.sin(angles) * amplitudes, torch.cos(angles) * amplitudes]
        if config.noise:
            self._white = torch.cat([torch.zeros(self._voices, 1), self._white[:, :-1]], 1)
            parts.append((self._white * self._noise_taps).sum(1, keepdim=True))
        if config.direct:
            self._middle = compressed(REFERENCE_LEVEL * torch.cat(parts[1:], 1).sum(1, keepdim=True))
        return x + torch.cat(parts, 1) @ get["excitation.weight"][0] + get["excitation.bias"]

    def _draw(self, outputs, middle):
        """Greedy: the likeliest class, or the mean of the mixture, as the network hears it: (voices, 1)."""
        if not self.config.mixture:
            return (outputs.argmax(1, keepdim=True) - 128) / 128
        weights, means, _ = outputs.chunk(3, 1)
        return ((torch.softmax(weights, 1) * means).sum(1, keepdim=True) + middle).clamp(-1, 1)
