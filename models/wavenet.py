"""The WaveNet autoencoder of NSynth (Engel et al. 2017, section 2.1 and appendix A) in any size, in torch.

audio -> Encoder -> latents (frames, latent); latents + past samples -> Decoder -> the distribution of each sample.
Signals are (batch, time, channels). Every convolution stores its weight as (taps, in, out), oldest tap first, and all
layers of a kind in one tensor (layers, taps, in, out): the layout that the engine's kernels read.
"""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from common.pitch import A4_HZ, A4_KEY
from models.analysis.frames import apply_loudness, emphasise
from models.config import (
    GAIN_LOG_MAX,
    MIDDLE_C_HZ,
    MU_MIXTURE,
    PITCH_CLASSES,
    REFERENCE_LEVEL,
    WaveNetConfig,
)
from models.excitation import Excitation
from models.mulaw import HALF, compress, mulaw_encode
from models.spectral import SpectrumEncoder, encode_spectrum


class Conv(nn.Module):
    """Weights of one convolution, or of `layers` equal ones.

    weight : ([layers,] taps, in, out), oldest tap first; bias : ([layers,] out)
    """

    def __init__(self, taps, inputs, outputs, layers=None, gain=1.0):
        super().__init__()
        stack = () if layers is None else (layers,)
        self.weight = nn.Parameter(torch.randn(*stack, taps, inputs, outputs) * gain / np.sqrt(taps * inputs))
        self.bias = nn.Parameter(torch.zeros(*stack, outputs))

    def forward(self, x):
        """x : (batch, time, taps * in) -> (batch, time, out)."""
        return _affine(x, self.weight, self.bias)

    def layers(self):
        """(weight, bias) of each layer of a stack."""
        return zip(self.weight.unbind(0), self.bias.unbind(0), strict=True)


def _affine(x, weight, bias):
    return x @ weight.flatten(0, 1) + bias


def _convolve(x, weight, bias, dilation=1):
    """(batch, time, in) -> (batch, time, out), zero outside the clip. weight : (taps, in, out), the middle tap for now.

    As a picture one row high whose channels lie beside each other, which is how x lies in memory: torch's library for
    convolutions then takes x as it is, and on CPUs is twice as fast as a product of matrices.
    """
    kernel = weight.permute(2, 1, 0)[:, :, None].contiguous(memory_format=torch.channels_last)
    picture = x[:, None].permute(0, 3, 1, 2)
    around = dilation * (len(weight) // 2)
    out = F.conv2d(picture, kernel, bias, padding=(0, around), dilation=(1, dilation))
    return out.permute(0, 2, 3, 1)[:, 0]


def _past(x, taps, dilation):
    """(batch, time, taps * channels): x[t - (taps - 1) d], ..., x[t], zero before the start."""
    time = x.shape[1]
    return torch.cat([F.pad(x, (0, 0, k * dilation, 0))[:, :time] for k in range(taps - 1, -1, -1)], -1)


def _around(x, dilation):
    """(batch, time, 3 * channels): x[t - d], x[t], x[t + d], zero outside the clip."""
    time = x.shape[1]
    padded = F.pad(x, (0, 0, dilation, dilation))
    return torch.cat([padded[:, :time], x, padded[:, 2 * dilation :]], -1)


class Encoder(nn.Module):
    """The paper's encoder: non-causal dilated convolutions on the companded audio, averaged over each hop."""

    def __init__(self, config: WaveNetConfig):
        super().__init__()
        self.config = config
        width, layers = config.encoder_width, config.encoder_layers
        self.start = Conv(3, 1, width)
        self.dilated = Conv(3, width, width, layers)
        self.res = Conv(1, width, width, layers)
        self.bottleneck = Conv(1, width, config.timbre)

    def forward(self, signal):
        """signal : (batch, time, 1), time a multiple of the hop -> (batch, frames, timbre)."""
        x = self.start(_around(signal, 1))
        layers = zip(self.config.encoder_dilations, self.dilated.layers(), self.res.layers(), strict=True)
        for dilation, dilated, res in layers:
            h = F.relu(_convolve(F.relu(x), *dilated, dilation))
            x = x + _convolve(h, *res)
        return self.bottleneck(x).unflatten(1, (-1, self.config.hop)).mean(2)


class Decoder(nn.Module):
    """Causal dilated gated convolutions: row t of the output is the distribution of sample t given those before it."""

    def __init__(self, config: WaveNetConfig):
        super().__init__()
        self.config = config
        width, skip, layers, conditions = config.width, config.skip_width, config.layers, config.conditions
        if config.feedback:
            self.start = Conv(config.taps, config.inputs, width)
        if config.harmonics:
            gain_width = config.gain_width or skip
            self.gain1 = Conv(1, conditions, gain_width)
            self.gain2 = Conv(1, gain_width, config.harmonics + config.noise, gain=0.1)
            self.excitation = Conv(1, config.excitation, width)
        self.skip_start = Conv(1, width, skip)
        self.dilated = Conv(config.taps, width, 2 * width, layers)
        self.cond = Conv(1, conditions, 2 * width, layers)
        self.res = Conv(1, width, width, layers)
        self.skip = Conv(1, width, skip, layers, gain=1 / np.sqrt(layers))
        self.out1 = Conv(1, skip, skip)
        self.cond_out1 = Conv(1, conditions, skip)
        self.logits = Conv(1, skip, config.outputs)
        if config.direct:  # at first the network changes nothing
            with torch.no_grad():
                self.logits.weight[..., config.mixture : 2 * config.mixture] = 0

    def forward(self, signal, conditions, excitation=None):
        """Outputs of the network, teacher-forced.

        signal : (batch, time, inputs), already shifted: row t holds sample t - 1
        conditions : (batch, frames, conditions); time must be a multiple of frames, each frame is held
        excitation : (batch, time, excitation), see `excite`, where the config has harmonics
        returns : (batch, time, outputs)
        """
        config, frames = self.config, conditions.shape[1]

        def held(x, condition):
            return (x.unflatten(1, (frames, -1)) + condition[:, :, None]).flatten(1, 2)

        x = self.start(_past(signal, config.taps, 1)) if config.feedback else 0
        if excitation is not None:
            x = x + self.excitation(excitation)
        skip = self.skip_start(x)
        layers = zip(
            config.dilations.tolist(),
            self.dilated.layers(),
            self.cond.layers(),
            self.res.layers(),
            self.skip.layers(),
            strict=True,
        )
        for dilation, dilated, cond, res, to_skip in layers:
            a = held(_affine(_past(x, config.taps, dilation), *dilated), _affine(conditions, *cond))
            gated = torch.sigmoid(a[..., : config.width]) * torch.tanh(a[..., config.width :])
            x = x + _affine(gated, *res)
            skip = skip + _affine(gated, *to_skip)
        hidden = F.relu(held(self.out1(F.relu(skip)), self.cond_out1(conditions)))
        return self.about(self.logits(hidden), excitation)

    def excite(self, log_gains, harmonics, noise=None):
        """Harmonics and noise at their levels.

        The gains of harmonics go to those of their frame in a straight line over its first tick: steps would
        be heard between the harmonics. The noise hides its own.

        log_gains : (batch, frames, harmonics + noise); time must be a multiple of frames
        harmonics, noise : (batch, time, 2 * harmonics), (batch, time, noise): at unit level (see excitation.py)
        returns : (batch, time, excitation)
        """
        frames, count, gains = log_gains.shape[1], self.config.harmonics, torch.exp(log_gains)[:, :, None]
        harmonics = harmonics.unflatten(1, (frames, -1))
        held = harmonics.shape[2]
        share = (torch.arange(held, device=gains.device) / min(self.config.tick, held)).clamp(max=1)[:, None]
        before = torch.cat([gains[:, :1], gains[:, :-1]], 1)[..., :count]
        strengths = torch.lerp(before, gains[..., :count], share).repeat(1, 1, 1, 2)
        parts = [(harmonics * strengths).flatten(1, 2)]
        if noise is not None:
            shaped = (noise.unflatten(1, (frames, -1)) * gains[..., count:]).sum(-1, keepdim=True)
            parts.append(shaped.flatten(1, 2))
        return torch.cat(parts, -1)

    def about(self, outputs, excitation):
        """Outputs whose means stand about the excitation's own wave, where the config says so.

        (..., outputs), (..., excitation) -> (..., outputs)
        """
        config = self.config
        if not config.direct:
            return outputs
        wave = REFERENCE_LEVEL * excitation[..., config.harmonics :].sum(-1, keepdim=True)  # cosines, and noise
        middles = compressed(wave).expand(*wave.shape[:-1], config.mixture)
        return outputs + F.pad(middles, [config.mixture] * 2)

    def log_gains(self, conditions, wanted=slice(None)):
        """ln of the amplitude of each harmonic, then of the level of each band of noise.

        conditions : (batch, frames, conditions); wanted : which of them, an index of an axis
        returns : (batch, frames, harmonics + noise), or those that are wanted
        """
        hidden = F.relu(self.gain1(conditions))
        return _affine(hidden, self.gain2.weight[..., wanted], self.gain2.bias[wanted]).clamp(max=GAIN_LOG_MAX)


def compressed(audio):
    """`mulaw.compress` of a tensor; what is beyond -1..1 counts as that."""
    return audio.sign() * torch.log1p(MU_MIXTURE * audio.abs().clamp(max=1)) / np.log1p(MU_MIXTURE)


def expanded(companded):
    """`mulaw.expand` of a tensor; what is beyond -1..1 counts as that."""
    return companded.sign() * torch.expm1(companded.abs().clamp(max=1) * np.log1p(MU_MIXTURE)) / MU_MIXTURE


class WaveNet(nn.Module):
    """The autoencoder with the way in and out of plain numpy audio."""

    def __init__(self, config: WaveNetConfig):
        super().__init__()
        self.config = config
        self.encoder = SpectrumEncoder(config) if config.encoder == "spectrum" else Encoder(config)
        self.decoder = Decoder(config)

    @torch.no_grad()
    def encode(self, audio, f0_hz=None):
        """Embedding of one clip.

        audio : float (samples,) at the model's rate, in [-1, 1]; a tail shorter than one hop is left out
        f0_hz : pitch of the note; needed where the config has motion
        returns : float32 (frames, latent)
        Raises ValueError where the clip is shorter than one hop, or the pitch is missing.
        Source: Magenta's `fastgen.encode`.
        """
        audio = np.asarray(audio, np.float32)
        samples = len(audio) // self.config.hop * self.config.hop
        if samples == 0:
            raise ValueError(f"audio of {len(audio)} samples is shorter than one hop of {self.config.hop}")
        if self.config.motion and f0_hz is None:
            raise ValueError("this model needs the pitch of the note to encode it")
        if self.config.encoder == "spectrum":
            return encode_spectrum(self.encoder, audio[:samples], f0_hz).numpy()
        signal = torch.from_numpy(self.heard(audio[:samples]))[None, :, None]
        return self.encoder(signal)[0].numpy()

    @torch.no_grad()
    def logits(self, audio, embedding, f0_hz=None, uniforms=None):
        """Teacher-forced outputs of the decoder for one clip.

        audio : float (samples,), at least frames * hop long; the rest is left out
        embedding : float32 (frames, latent)
        f0_hz : pitch of the note, where the config conditions on it
        uniforms : (samples,) in [0, 1), the randomness of noise and spread; 0.5 throughout where left out
        returns : float32 (samples, outputs); row t is the distribution of sample t
        """
        config, samples = self.config, len(embedding) * self.config.hop
        if len(audio) < samples:
            raise ValueError(f"{len(embedding)} frames need {samples} samples of audio, not {len(audio)}")
        audio = emphasise(config, np.asarray(audio[:samples], np.float32))
        audio = apply_loudness(config, audio, np.asarray(embedding), inverse=True)
        signal = shifted(torch.from_numpy(self.heard(audio))[None, :, None], config.inputs)
        f0 = None if f0_hz is None else torch.full((1,), float(f0_hz))
        rows = conditions(config, torch.as_tensor(embedding, dtype=torch.float32)[None], f0)
        if not config.harmonics:
            return self.decoder(signal, rows)[0].numpy()
        uniforms = np.full(samples, 0.5) if uniforms is None else uniforms
        motion = np.repeat(np.asarray(embedding)[:, config.moving], config.hop, 0)
        excited = Excitation(config).block(np.full(samples, float(f0_hz)), motion, uniforms)
        harmonics, noise = (torch.from_numpy(part.astype(np.float32))[None] for part in excited)
        excitation = self.decoder.excite(self.decoder.log_gains(rows), harmonics, noise if config.noise else None)
        return self.decoder(signal, rows, excitation)[0].numpy()

    def heard(self, audio):
        """What the network hears of linear audio: code / 128, or the companded sample of a mixture. float32."""
        if self.config.mixture:
            return compress(np.clip(audio, -1.0, 1.0))
        return mulaw_encode(audio).astype(np.float32) / HALF


def shifted(heard, inputs):
    """(batch, time, 1) -> (batch, time, inputs): one sample late; the known flag, if any, is 1 throughout."""
    late = F.pad(heard, (0, 0, 1, 0))[:, :-1]
    return torch.cat([late, torch.ones_like(late)], -1)[..., :inputs]


def conditions(config, latents, f0_hz=None):
    """Conditioning rows: the timbre channels of the latents, then one-hot pitch and octave where the config has them.

    latents : (batch, frames, latent); f0_hz : (batch,) or (batch, frames)
    returns : (batch, frames, conditions)
    """
    batch, frames = latents.shape[:2]
    parts = [latents[..., : config.timbre]]
    if config.pitch or config.harmonics:
        f0_hz = f0_hz if f0_hz.ndim == 2 else f0_hz[:, None].expand(batch, frames)
    if config.pitch:
        note = torch.round(A4_KEY + 12 * torch.log2(f0_hz / A4_HZ)).long().clamp(0, PITCH_CLASSES - 1)
        parts.append(F.one_hot(note, PITCH_CLASSES).to(latents.dtype))
    if config.harmonics:
        parts.append((0.5 * torch.log2(f0_hz / MIDDLE_C_HZ))[..., None])
    return torch.cat(parts, -1)


def harmonic_inputs(config, phases, f0_hz):
    """sin and cos of each harmonic's phase, zero for harmonics above the limit.

    phases : (batch, time, harmonics); f0_hz : (batch,)
    returns : (batch, time, 2 * harmonics), all sines first
    """
    k = torch.arange(1, config.harmonics + 1, device=phases.device)
    audible = (k * f0_hz[:, None] < config.harmonic_limit_hz).to(phases.dtype)[:, None]
    return torch.cat([torch.sin(phases) * audible, torch.cos(phases) * audible], -1)
