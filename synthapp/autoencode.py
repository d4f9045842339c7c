"""Audio -> embedding -> audio without the instrument around it, in pieces, so that long clips need little memory."""

import math
from collections.abc import Callable, Iterable

import numpy as np

PIECE_SECONDS = 10.0
BLOCK = 64  # samples a decoder call, so that even a slow one can be interrupted

Progress = Callable[[Iterable], Iterable]


def encode_clip(model, audio: np.ndarray, progress: Progress = iter) -> np.ndarray:
    """The embedding of a clip, equal to that of the whole clip at once.

    model : models.wavenet.WaveNet; audio : float32 (samples,) at its rate, at least one hop long
    returns : float32 (frames, latent)
    """
    config = model.config
    frames = len(audio) // config.hop
    step = max(1, int(PIECE_SECONDS * config.rate) // config.hop)
    margin = _margin_frames(config)
    parts = []
    for first in progress(range(0, frames, step)):
        last = min(first + step, frames)
        start, end = max(first - margin, 0), min(last + margin, frames)
        part = model.encode(audio[start * config.hop : end * config.hop])
        parts.append(part[first - start : last - start])
    return np.concatenate(parts)


def decode_clip(decoder, embedding, f0_hz, temperature, seed, progress: Progress = iter) -> np.ndarray:
    """Audio of an embedding.

    decoder : engine.decoder.Decoder; embedding : float32 (frames, latent); f0_hz, temperature : float; seed : int
    returns : float32 (frames * hop,)
    """
    config, slots = decoder.config, np.zeros(1, np.int64)
    chance = np.random.default_rng(seed)
    audio = np.zeros(len(embedding) * config.hop, np.float32)
    block = math.gcd(config.hop, BLOCK)
    decoder.reset(slots)
    for start in progress(range(0, len(audio), block)):
        decoder.render(
            slots,
            _latents(config, embedding, start + block / 2)[None],
            np.full((1, block), f0_hz, np.float32),
            np.full(1, temperature, np.float32),
            chance.random((1, block), np.float32),
            audio[None, start : start + block],
        )
    return audio


def _latents(config, embedding, sample):
    """The latents at a sample: the original holds each frame; a model that hears harmonics learned straight lines
    between the centres of the frames."""
    if not config.harmonics:
        return embedding[int(sample) // config.hop]
    place = min(max(sample / config.hop - 0.5, 0.0), len(embedding) - 1)
    frame, share = int(place), place - int(place)
    following = embedding[min(frame + 1, len(embedding) - 1)]
    return ((1 - share) * embedding[frame] + share * following).astype(np.float32)


def _margin_frames(config):
    """Frames on either side of a piece that its embedding may depend on."""
    if config.encoder == "spectrum":
        return 4  # a window of two hops around each frame, and the neighbours' spectra
    return math.ceil((1 + sum(config.encoder_dilations)) / config.hop)
