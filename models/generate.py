"""Notes played by the torch decoder alone, sample by sample, many at once: what a model does when left to itself.

Every convolution keeps the inputs that it will need again (Paine et al. 2016; Magenta's `fastgen`), so that a sample
costs one step, not the whole past. The engine's decoders are for one player in real time; this one is for training and
evaluation: a batch, on whatever device the model is on.
"""

import numpy as np
import torch
from torch.nn import functional as F

from models.analysis.frames import apply_loudness, deemphasise, frame_centres
from models.config import CLASSES, LOG_SCALE_MIN
from models.excitation import Excitation
from models.mulaw import HALF, expand, mulaw_decode
from models.wavenet import Decoder, WaveNet, conditions


def play(model: WaveNet, embeddings, uniforms, f0_hz=None, temperature=1.0):
    """Notes as they sound.

    embeddings : float32 (batch, frames, latent); frames are held, or joined by straight lines where the config has
        harmonics, as in training
    uniforms : float (batch, frames * hop) in [0, 1), all chance there is
    f0_hz : float (batch,), where the config has harmonics or pitch
    returns : float32 (batch, frames * hop)
    """
    config, device = model.config, next(model.parameters()).device
    latents = _at_ticks(config, embeddings) if config.harmonics else embeddings
    f0 = None if f0_hz is None else torch.as_tensor(f0_hz, dtype=torch.float32, device=device)
    rows = conditions(config, torch.from_numpy(latents).to(device), f0)
    excitation = _excitation(config, latents, uniforms, f0_hz) if config.harmonics else ()
    excitation = [torch.from_numpy(part).to(device) for part in excitation]
    heard = generate(model.decoder, rows, torch.from_numpy(uniforms), temperature, *excitation).cpu().numpy()
    if not config.mixture:
        return mulaw_decode(np.round(heard * HALF).astype(np.int16))
    loud = [apply_loudness(config, *note) for note in zip(expand(heard), embeddings, strict=True)]
    return np.stack([deemphasise(config, audio) for audio in loud])


def _at_ticks(config, embeddings):
    """(batch, frames, latent) -> float32 (batch, ticks, latent)."""
    samples = embeddings.shape[1] * config.hop
    middles, centres = np.arange(config.tick // 2, samples, config.tick), frame_centres(config, samples)
    channels = [np.interp(middles, centres, channel) for note in embeddings for channel in note.T]
    return np.reshape(channels, (len(embeddings), -1, len(middles))).swapaxes(1, 2).astype(np.float32)


def _excitation(config, latents, uniforms, f0_hz):
    """float32 harmonics, and noise where the config has it, of every note; see models.excitation."""
    parts = []
    for note, chance, hz in zip(latents, uniforms, f0_hz, strict=True):
        motion = np.repeat(note[:, config.moving], config.tick, 0)
        parts.append(Excitation(config).block(np.full(len(chance), hz), motion, chance))
    harmonics, noise = (np.stack(part).astype(np.float32) for part in zip(*parts, strict=True))
    return (harmonics, noise) if config.noise else (harmonics,)


@torch.no_grad()
def generate(decoder: Decoder, conditions, uniforms, temperature=1.0, harmonics=None, noise=None):
    """Free-running decoder, from empty history.

    conditions, harmonics, noise : as for Decoder.forward
    uniforms : float tensor (batch, time) in [0, 1), the chance of each draw
    temperature : 0 is the likeliest class, or the mean of the mixture
    returns : float32 (batch, time), as the network hears it: code / 128, or the companded sample of a mixture
    """
    draw = draw_mixture if decoder.config.mixture else draw_class
    stepper = Stepper(decoder, conditions, uniforms.shape[1], harmonics, noise)
    uniforms = uniforms.to(conditions)
    heard = [torch.zeros_like(uniforms[:, 0])]
    for uniform in uniforms.unbind(1):
        heard.append(draw(stepper.step(heard[-1]), temperature, uniform))
    return torch.stack(heard[1:], 1)


class Past:
    """The inputs of one causal convolution, as far back as it looks, in a ring."""

    def __init__(self, like, channels, taps, dilation):
        self.values = like.new_zeros((taps - 1) * dilation, len(like), channels)
        self.lags = [tap * dilation for tap in range(taps - 1, 0, -1)]

    def joined(self, x, t):
        """Sample t with those before it. (batch, channels) -> (batch, taps * channels), oldest first."""
        size = len(self.values)
        together = torch.cat([*(self.values[(t - lag) % size] for lag in self.lags), x], -1)
        self.values[t % size] = x
        return together


class Stepper:
    """A decoder in the middle of its notes. Arguments as for Decoder.forward; time : samples of the notes."""

    def __init__(self, decoder: Decoder, conditions, time, harmonics=None, noise=None):
        config, width = decoder.config, decoder.config.width
        self.decoder, self.t, self.held = decoder, 0, time // conditions.shape[1]
        maps = zip(decoder.cond.layers(), decoder.dilated.bias, strict=True)
        self.layer_rows = [(_map(conditions, *cond) + bias).unbind(1) for cond, bias in maps]
        self.out_rows = decoder.cond_out1(conditions).unbind(1)
        self.excitation = None
        if harmonics is not None:
            excitation = decoder.excite(decoder.log_gains(conditions), harmonics, noise)
            self.excitation, self.entering = excitation.unbind(1), decoder.excitation(excitation).unbind(1)
        self.start = Past(conditions, config.inputs, config.taps, 1) if config.feedback else None
        self.pasts = [Past(conditions, width, config.taps, int(dilation)) for dilation in config.dilations]
        self.dilated = decoder.dilated.weight.flatten(1, 2)
        # What a layer adds to the residual and to the skip path, in one product.
        self.added = torch.cat([decoder.res.weight, decoder.skip.weight], -1).flatten(1, 2)
        self.added_bias = torch.cat([decoder.res.bias, decoder.skip.bias], -1)

    @torch.no_grad()
    def step(self, last):
        """Outputs for the next sample, (batch, outputs). last : (batch,), the sample before it as it is heard."""
        decoder, t, width, x = self.decoder, self.t, self.decoder.config.width, 0
        if self.start is not None:
            known = [torch.ones_like(last)] * (decoder.config.inputs - 1)
            x = decoder.start(self.start.joined(torch.stack([last, *known], -1), t))
        if self.excitation is not None:
            x = x + self.entering[t]
        skip = decoder.skip_start(x)
        frame = t // self.held
        for layer, past in enumerate(self.pasts):
            a = torch.addmm(self.layer_rows[layer][frame], past.joined(x, t), self.dilated[layer])
            gated = torch.sigmoid(a[:, :width]) * torch.tanh(a[:, width:])
            added = torch.addmm(self.added_bias[layer], gated, self.added[layer])
            x, skip = x + added[:, :width], skip + added[:, width:]
        self.t += 1
        hidden = F.relu(decoder.out1(F.relu(skip)) + self.out_rows[frame])
        outputs = decoder.logits(hidden)
        return outputs if self.excitation is None else decoder.about(outputs, self.excitation[t])


def _map(x, weight, bias):
    return x @ weight.flatten(0, 1) + bias


def draw_class(logits, temperature, uniforms):
    """Classes by the inverse of their distribution function. (batch, 256), (batch,) -> (batch,), code / 128."""
    if temperature == 0:
        return (logits.argmax(-1) - HALF).to(logits) / HALF
    cumulative = torch.softmax(logits.double() / temperature, -1).cumsum(-1)
    drawn = torch.searchsorted(cumulative, uniforms.double()[:, None], right=True)[:, 0]
    return (drawn.clamp(max=CLASSES - 1) - HALF).to(logits) / HALF


def draw_mixture(outputs, temperature, uniforms):
    """Companded samples: one uniform chooses the logistic and the place in it. (batch, 3 * mixture), (batch,)."""
    weights, means, log_scales = outputs.double().chunk(3, -1)
    shares = torch.softmax(weights, -1)
    if temperature == 0:
        return (shares * means).sum(-1).clamp(-1, 1).to(outputs)
    uniforms = uniforms.double()[:, None]
    cumulative = shares.cumsum(-1)
    chosen = torch.searchsorted(cumulative, uniforms, right=True).clamp(max=shares.shape[-1] - 1)
    share, end, mean, log_scale = (part.gather(-1, chosen) for part in (shares, cumulative, means, log_scales))
    quantile = ((uniforms - end + share) / share).clamp(1e-5, 1 - 1e-5)
    scale = torch.exp(log_scale.clamp(min=LOG_SCALE_MIN)) * temperature
    return (mean + scale * torch.logit(quantile))[:, 0].clamp(-1, 1).to(outputs)
