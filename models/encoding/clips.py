"""Audio -> embedding -> audio without the instrument around it, in pieces, so that long clips need little memory."""

import math
from collections.abc import Callable, Iterable, Iterator

import numpy as np

PIECE_SECONDS = {"spectrum": 10.0, "dilated": 4.0}  # the paper's encoder keeps hundreds of numbers for every sample
MOTION_SECONDS = 0.4  # around a moment, over which its movement in pitch is averaged

Progress = Callable[[Iterable], Iterable]


def encode_clip(model, audio, f0_hz: float | None = None, progress: Progress = iter) -> np.ndarray:
    """The embedding of a clip, float32 (frames, latent). Arguments as of `encode_pieces`."""
    return np.concatenate(list(encode_pieces(model, audio, f0_hz, progress)))


def encode_pieces(model, audio, f0_hz: float | None = None, progress: Progress = iter) -> Iterator[np.ndarray]:
    """The embedding of a clip, equal to that of the whole clip at once: that of an hour may take 260 MB.

    model : models.wavenet.WaveNet; audio : float32 (samples,) at its rate, or what has its slices; a hop or more
    f0_hz : pitch, for models that embed how it moves; how far, and where its partials lie, is judged piece by piece
    returns : float32 (frames, latent) after each other
    """
    config = model.config
    frames = len(audio) // config.hop
    step = max(1, int(PIECE_SECONDS[config.encoder] * config.rate) // config.hop)
    margin = _margin_frames(config)
    for first in progress(range(0, frames, step)):
        last = min(first + step, frames)
        start, end = max(first - margin, 0), min(last + margin, frames)
        part = model.encode(audio[start * config.hop : end * config.hop], f0_hz)
        yield part[first - start : last - start]


def decode_clip(decoder, embedding, f0_hz, temperature, seed, progress: Progress = iter) -> np.ndarray:
    """Audio of an embedding.

    decoder : engine.decoder.Decoder; embedding : float32 (frames, latent); f0_hz, temperature : float; seed : int
    returns : float32 (frames * hop,)
    """
    return decode_clips(decoder, embedding[None], np.array([f0_hz]), temperature, seed, progress)[0]


def decode_clips(decoder, embeddings, f0_hz, temperature, seed, progress: Progress = iter) -> np.ndarray:
    """Audio of embeddings of one length, each in a voice of its own.

    embeddings : float32 (clips, frames, latent); f0_hz : float (clips,)
    returns : float32 (clips, frames * hop)
    """
    config, (clips, frames, _) = decoder.config, embeddings.shape
    slots, chance = np.arange(clips), np.random.default_rng(seed)
    audio = np.zeros((clips, frames * config.hop), np.float32)
    block = math.gcd(config.hop, config.tick)  # so that even a slow one can be interrupted
    pitch = np.repeat(np.asarray(f0_hz, np.float32)[:, None], block, 1)
    decoder.reset(slots)
    for start in progress(range(0, audio.shape[1], block)):
        decoder.render(
            slots,
            _latents(config, embeddings, start + block / 2),
            pitch,
            np.full(clips, temperature, np.float32),
            chance.random((clips, block), np.float32),
            audio[:, start : start + block],
        )
    return audio


def _latents(config, embeddings, sample):
    """The latents at a sample, (clips, latent): the original holds each frame; a model that hears harmonics learned
    straight lines between the centres of the frames."""
    if not config.harmonics:
        return embeddings[:, int(sample) // config.hop]
    last = embeddings.shape[1] - 1
    place = min(max(sample / config.hop - 0.5, 0.0), last)
    frame, share = int(place), place - int(place)
    following = embeddings[:, min(frame + 1, last)]
    return ((1 - share) * embeddings[:, frame] + share * following).astype(np.float32)


def _margin_frames(config):
    """Frames on either side of a piece that its embedding may depend on."""
    if config.motion:
        return math.ceil(MOTION_SECONDS * config.rate / config.hop)
    if config.encoder == "spectrum":
        from models.analysis.frames import spectrum_window
        from models.spectral import CONTEXT

        return math.ceil(spectrum_window(config.rate) / 2 / config.hop) + CONTEXT + 1
    return math.ceil((1 + sum(config.encoder_dilations)) / config.hop)
