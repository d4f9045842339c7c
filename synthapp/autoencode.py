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
    """Audio of an embedding, every frame held for a hop as in the original.

    decoder : engine.decoder.Decoder; embedding : float32 (frames, latent); f0_hz, temperature : float; seed : int
    returns : float32 (frames * hop,)
    """
    config, slots = decoder.config, np.zeros(1, np.int64)
    latents, loudness_db = _without_loudness(config, embedding)
    chance = np.random.default_rng(seed)
    audio = np.zeros(len(embedding) * config.hop, np.float32)
    decoder.reset(slots)
    for start in progress(range(0, len(audio), math.gcd(config.hop, BLOCK))):
        block = audio[start : start + math.gcd(config.hop, BLOCK)]
        frame = start // config.hop
        decoder.render(
            slots,
            latents[frame : frame + 1],
            np.full((1, len(block)), f0_hz, np.float32),
            np.full(1, temperature, np.float32),
            chance.random((1, len(block)), np.float32),
            block[None],
        )
    return audio * (10 ** (loudness_db / 20)).astype(np.float32)


def _margin_frames(config):
    """Frames on either side of a piece that its embedding may depend on."""
    if config.encoder == "spectrum":
        return 4  # a window of two hops around each frame, and the neighbours' spectra
    return math.ceil((1 + sum(config.encoder_dilations)) / config.hop)


def _without_loudness(config, embedding):
    """Latents at 0 dB, and the level of every sample in dB: straight lines between the centres of the frames.

    Held levels would step at every hop; models.spectrum.apply_loudness is what training did.
    """
    samples = np.arange(len(embedding) * config.hop)
    if not config.loudness:
        return embedding, np.zeros(len(samples))
    latents = embedding.copy()
    latents[:, -1] = 0.0
    return latents, np.interp(samples, (np.arange(len(embedding)) + 0.5) * config.hop, embedding[:, -1])
