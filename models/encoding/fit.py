"""The embeddings of notes, fitted to them.

The encoder was trained on notes of other pitches and sees a spectrum of 48 bands; the gains of harmonics and noise that
its embedding asks for are some 4 dB off. A few steps down the gradient of that error, through the small map from
embedding to gains, bring them to the levels that were measured in the note. The embedding stays where the decoder
knows it: mean 0 and variance 1 in every frame, near the encoder's and near its neighbours in time.

Only a decoder without feedback: one that hears its past has its noise from the embedding too, and beside the encoder's
it hisses (docs/sound.md), so that there the encoder's stays.
"""

import numpy as np
import torch
from torch.nn import functional as F

from models.analysis.frames import FLOOR_DB, HEARD_DB, tuned
from models.analysis.note import analyse_note
from models.encoding.levels import level_loss, level_weights
from models.harmonic.config import HarmonicConfig
from models.spectral import with_context
from models.threads import one_thread
from models.wavenet import conditions

STEPS, STEP_SIZE, LAST_STEP = 400, 0.05, 0.0025
NEARNESS, SMOOTHNESS = 0.03, 1.0  # weights of the distance to the encoder's embedding and between frames


@one_thread()
def encode_note(model, audio, f0_hz, held=None):
    """Embedding of a note of known pitch.

    model : models.wavenet.WaveNet, or models.harmonic.network.HarmonicModel
    audio : float32 (samples,) at its rate, at least one hop long; held : samples until the release, None: all
    returns : float32 (frames, latent), as `model.encode` does; the same where the model has no harmonics
    """
    config = model.config
    if isinstance(config, HarmonicConfig):
        return model.encode(audio, f0_hz, held)
    if not config.harmonics or config.encoder != "spectrum":
        return model.encode(audio, f0_hz)
    audio = audio[: len(audio) // config.hop * config.hop]
    note = analyse_note(config, audio, f0_hz)
    timbre = _fit(model, note, f0_hz).numpy()
    channels = [timbre]
    if config.motion:
        channels.append(tuned(config, note.motion, note.loudness_db))
    if config.loudness:
        channels.append(note.loudness_db[:, None])
    return np.concatenate(channels, 1)


def _fit(model, note, f0_hz):
    """float32 tensor (frames, timbre) whose gains are near the measured levels. note : Analysis"""
    decoder, config, pitch = model.decoder, model.config, torch.full((1,), float(f0_hz))
    with torch.no_grad():
        encoded = model.encoder(with_context(note.spectra))
    log_levels, weights = torch.from_numpy(note.log_levels), _weights(config, note, f0_hz)
    wanted = weights.any(0)
    if config.feedback or not wanted.any():
        return encoded
    log_levels, weights = log_levels[:, wanted], weights[:, wanted]
    moved = encoded.clone().requires_grad_(True)
    optimiser = torch.optim.Adam([moved], STEP_SIZE)
    shrinking = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, STEPS, LAST_STEP)
    for _ in range(STEPS):
        timbre = F.layer_norm(moved, moved.shape[-1:])
        rows = conditions(config, timbre[None], pitch)
        loss = level_loss(decoder.log_gains(rows, wanted)[0], log_levels, weights)
        loss = loss + NEARNESS * (timbre - encoded).square().mean()
        loss = loss + SMOOTHNESS * (timbre[1:] - timbre[:-1]).square().mean()
        (moved.grad,) = torch.autograd.grad(loss, [moved])  # and none of the map
        optimiser.step()
        shrinking.step()
    return F.layer_norm(moved, moved.shape[-1:]).detach()


def _weights(config, note, f0_hz):
    """float32 tensor (frames, harmonics + noise): how much each level of a note counts; 0 where it is not heard."""
    heard = torch.from_numpy(note.loudness_db > FLOOR_DB + HEARD_DB)
    if not heard.any():
        return torch.zeros(note.log_levels.shape)
    k = torch.arange(1, config.harmonics + 1)
    audible = torch.cat([(k * f0_hz < config.harmonic_limit_hz).float(), torch.ones(config.noise)])
    return level_weights(torch.from_numpy(note.log_levels), audible * heard[:, None])
