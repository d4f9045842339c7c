"""The slow decoder that says what is right: for every sample the whole teacher-forced torch network, over all it hears.

It keeps nothing but what a note was given and what it sounded; no cache can be wrong. Only tests use it.
"""

from dataclasses import dataclass, field

import numpy as np
import torch

from common.smoothing import one_pole
from engine.decoder.protocol import LOUDNESS_MS
from models.config import CLASSES, LOG_SCALE_MIN, WaveNetConfig
from models.excitation import Excitation
from models.mulaw import HALF, expand, mulaw_decode
from models.wavenet import Decoder, conditions, shifted


@dataclass
class Note:
    """Everything about one voice since its reset, one entry a sample.

    heard : as the network hears it; latents : float32 (latent,); tick_hz : f0 at the last tick
    excited : rows of the excitation at its levels
    before, gains : of harmonics and noise, at the start and at the end of this tick
    gain : the smoothed loudness now, linear; None before the first sample
    audio : the last sample given out
    """

    excitation: Excitation
    network: Decoder
    heard: list = field(default_factory=list)
    latents: list = field(default_factory=list)
    tick_hz: list = field(default_factory=list)
    excited: list = field(default_factory=list)
    before: np.ndarray | None = None
    gains: np.ndarray | None = None
    gain: float | None = None
    audio: float = 0.0

    def go_on(self, latents, f0_hz, uniforms):
        """The next samples begin. latents : (latent,), f0_hz, uniforms : (samples,)."""
        config = self.excitation.config
        for t, (hz, uniform) in enumerate(zip(f0_hz, uniforms, strict=True)):
            place = len(self.latents) % config.tick
            self.tick_hz.append(self.tick_hz[-1] if place else hz)
            self.latents.append(latents)
            if config.harmonics:
                self.before = self.before if place else self.gains
                if t == 0 or place == 0:
                    self.gains = self._wanted_gains()
                    self.before = self.gains if self.before is None else self.before
                harmonics, noise = self.excitation.block([hz], latents[None, config.moving], [uniform])
                self.excited.append(self._at_levels(harmonics[0], noise[0], place / config.tick))

    @torch.no_grad()
    def _wanted_gains(self):
        latents, f0_hz = np.array([[self.latents[-1]]], np.float32), np.array([self.tick_hz[-1]], np.float32)
        rows = conditions(self.excitation.config, torch.from_numpy(latents), torch.from_numpy(f0_hz))
        return torch.exp(self.network.log_gains(rows))[0, 0].numpy()

    def _at_levels(self, harmonics, noise, share):
        """One row of the excitation. share : of the tick gone by"""
        assert self.before is not None and self.gains is not None  # go_on has set them
        count = self.excitation.config.harmonics
        strengths = (1 - share) * self.before[:count] + share * self.gains[:count]
        shaped = [noise @ self.gains[count:]] if len(noise) else []
        return np.concatenate([harmonics * np.tile(strengths, 2), shaped])


class ReferenceDecoder:
    """Decoder (see engine.decoder) by definition. Arguments as for CpuDecoder."""

    def __init__(self, config: WaveNetConfig, weights: dict[str, np.ndarray], voices: int):
        self.config = config
        self.voices = voices
        self._network = Decoder(config)
        names = {name: f"decoder.{name}" for name in self._network.state_dict()}
        self._network.load_state_dict({name: torch.from_numpy(weights[full]) for name, full in names.items()})
        self._notes = [Note(Excitation(config), self._network) for _ in range(voices)]

    def reset(self, slots: np.ndarray) -> None:
        """Silence the history of these voices."""
        for slot in slots:
            self._notes[slot] = Note(Excitation(self.config), self._network)

    def render(self, slots, latents, f0_hz, temperature, uniforms, audio) -> None:
        """Fill `audio`; shapes as in the protocol."""
        for row, slot in enumerate(slots):
            note = self._notes[slot]
            for t in range(audio.shape[1]):
                note.go_on(latents[row], f0_hz[row, t : t + 1], uniforms[row, t : t + 1])
                outputs = self._outputs(note, 1)[0].astype(np.float64)
                heard, sound = self._draw(outputs, float(temperature[row]), float(uniforms[row, t]))
                note.heard.append(heard)
                note.audio = sound * self._gain(note) + self.config.emphasis * note.audio
                audio[row, t] = note.audio

    def close(self) -> None:
        """It has nothing to give back."""

    def score(self, slots, samples, latents, f0_hz, uniforms) -> np.ndarray:
        """Teacher-forced outputs; shapes as in the protocol."""
        scores = []
        for row, slot in enumerate(slots):
            note = self._notes[slot]
            note.heard.extend(samples[row])
            note.go_on(latents[row], f0_hz[row], uniforms[row])
            scores.append(self._outputs(note, samples.shape[1]))
        return np.stack(scores)

    @torch.no_grad()
    def _outputs(self, note, count):
        """float32 (count, outputs): the distributions of the last `count` samples that the note has conditions for."""
        config, length = self.config, len(note.latents)
        window = slice(max(0, length - count - config.receptive_field), length)

        def rows(values):
            return torch.from_numpy(np.array(values[window], np.float32))[None]

        heard = (note.heard + [0.0])[:length]  # the last is dropped by the shift
        signal = shifted(rows(heard)[..., None], config.inputs)
        given = conditions(config, rows(note.latents), rows(note.tick_hz))
        return self._network(signal, given, rows(note.excited) if config.harmonics else None)[0, -count:].numpy()

    def _draw(self, outputs, temperature, uniform):
        """(sample as the network hears it, linear sample)."""
        if self.config.mixture:
            heard = np.float32(np.clip(draw_mixture(outputs, temperature, uniform), -1, 1))
            return heard, float(expand(heard))
        code = draw_class(outputs, temperature, uniform) - HALF
        return np.float32(code / HALF), float(mulaw_decode(code))

    def _gain(self, note):
        """Linear loudness of this sample."""
        if not self.config.loudness:
            return 1.0
        target = 10 ** (float(note.latents[-1][-1]) / 20)
        step = one_pole(LOUDNESS_MS, self.config.rate)
        note.gain = target if note.gain is None else note.gain + step * (target - note.gain)
        return note.gain


def draw_class(logits, temperature, uniform):
    """Class by inverse distribution function, temperature 0: the likeliest. float64 (256,) -> int."""
    if temperature == 0:
        return int(np.argmax(logits))
    likelihood = np.exp((logits - logits.max()) / temperature)
    cumulative = np.cumsum(likelihood) / likelihood.sum()
    return min(int(np.searchsorted(cumulative, uniform, side="right")), CLASSES - 1)


def draw_mixture(outputs, temperature, uniform):
    """Companded sample, unclipped; temperature 0: the mixture's mean. float64 (3 * mixture,) -> float."""
    weights, means, log_scales = np.split(outputs, 3)
    share = np.exp(weights - weights.max())
    share /= share.sum()
    if temperature == 0:
        return share @ means
    cumulative = np.cumsum(share)
    chosen = min(int(np.searchsorted(cumulative, uniform, side="right")), len(share) - 1)
    quantile = np.clip((uniform - cumulative[chosen] + share[chosen]) / share[chosen], 1e-5, 1 - 1e-5)
    scale = np.exp(max(log_scales[chosen], LOG_SCALE_MIN)) * temperature
    return means[chosen] + scale * np.log(quantile / (1 - quantile))
