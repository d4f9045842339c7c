"""A note's latents: its embedding, and as detail how far its levels are from those that the network makes of that."""

import numpy as np
import torch
from scipy.ndimage import convolve1d

from models.analysis.frames import FLOOR_DB, HEARD_DB, tuned
from models.harmonic.note import FAINTEST, FAINTEST_NOISE, Analysis, analyse_note
from models.spectral import with_context
from models.threads import one_thread

DETAIL_LIMIT = 127 / 32  # of a correction, natural logarithm: what a stored byte holds
SLOW_FRAMES = 25  # over which the embedding is smoothed: 0.4 s
NOISE_FRAMES = 65  # and detail of noise, where room matters: 1 s
CENT_STEPS, DB_STEPS = 4, 8  # of a cent and of a decibel
ABOVE = 4  # the highest harmonics of a note, whose mean correction those above its limit have


@one_thread()
@torch.no_grad()
def encode(model, audio, f0_hz, held=None):
    """float32 (frames, latent). model : HarmonicModel; audio : float32 (samples,), whole hops; held : see `encode`"""
    config, note = model.config, analyse_note(model.config, audio, f0_hz, held)
    timbre = _slow(model.encoder(with_context(note.spectra)))
    log_gains = model.log_gains(timbre, torch.tensor(f0_hz, dtype=torch.float32)).numpy()
    free = note.free.reshape(len(timbre), -1)
    motion = tuned(config, note.motion, note.loudness_db)
    channels = [timbre.numpy(), detail(config, note, log_gains), free, motion, note.loudness_db[:, None]]
    return np.concatenate(channels, 1, dtype=np.float32)


def simplified(config, latents):
    """The same in less room, hardly heard: noise that changes slowly, motion and level in small steps.

    latents : float32 (..., frames, latent)
    """
    changed, noise = latents.copy(), slice(config.detail.start + config.harmonics, config.detail.stop)
    window = np.hanning(NOISE_FRAMES + 2)[1:-1]
    changed[..., noise] = convolve1d(latents[..., noise], window / window.sum(), axis=-2, mode="nearest")
    cents = [config.spread, config.deviation]
    changed[..., cents] = np.rint(changed[..., cents] * CENT_STEPS) / CENT_STEPS
    changed[..., -1] = np.rint(changed[..., -1] * DB_STEPS) / DB_STEPS
    return changed


def _slow(timbre):
    """The embedding at rest: what it says too late is in the detail. tensor (frames, timbre) -> the same"""
    smooth = convolve1d(timbre.numpy(), np.hanning(SLOW_FRAMES + 2)[1:-1], axis=0, mode="nearest")
    return torch.nn.functional.layer_norm(torch.from_numpy(smooth), smooth.shape[-1:])


def detail(config, note: Analysis, log_gains):
    """float32 (frames, levels): what the network's levels lack, where there is something to be heard.

    What is too faint to be measured is lowered and never lifted. Silent frames have the next heard one's.
    """
    faintest = np.log([FAINTEST] * config.harmonics + [FAINTEST_NOISE] * config.bands).astype(np.float32)
    lacking = np.clip(note.log_levels - log_gains, -DETAIL_LIMIT, DETAIL_LIMIT)
    lacking = np.where(note.log_levels > faintest + 1e-3, lacking, np.minimum(lacking, 0.0))
    count = int((note.partials.hz(config.harmonics) < config.harmonic_limit_hz).sum())
    above = lacking[:, max(count - ABOVE, 0) : count].mean(1, keepdims=True) if count else np.zeros((len(lacking), 1))
    lacking[:, count : config.harmonics] = above
    heard = np.flatnonzero(note.loudness_db > FLOOR_DB + HEARD_DB)
    if not len(heard):
        return np.zeros_like(lacking)
    frames = np.arange(len(lacking))
    nearest = heard[np.abs(frames[:, None] - heard).argmin(1)]
    return lacking[nearest]
