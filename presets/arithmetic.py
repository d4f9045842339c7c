"""Sums of sounds: A : B :: C : ?, stretched, reversed, cross-faded. Embeddings in, embeddings out; no network.

Functions of bare embeddings take float32 (..., frames, latent); those of sounds keep notes, loop and release.

Where the decoder knows only timbres of mean 0 and variance 1 in a frame, `timbre` says how many channels, the first
ones, are such. A sum leaves that sphere and is brought back to it. The other channels, motion and level, stay within
what the summed sounds have there: a level that is 60 dB above another is none that anybody recorded. None: all channels
are plain numbers, as in NSynth's WaveNet.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from common.errors import PresetError
from presets.looping import folded
from presets.preset import FRAMES, NAME_LENGTH, EmbeddingSet

_STILL = 1e-6  # a timbre whose standard deviation is below it is none


# Bare embeddings


def stretch(latents: np.ndarray, frames: int) -> np.ndarray:
    """The same in so many frames: straight lines between the old ones, the first and the last kept."""
    places = np.linspace(0, latents.shape[-2] - 1, frames)
    before = np.minimum(places.astype(int), max(latents.shape[-2] - 2, 0))
    share = (places - before)[:, None].astype(np.float32)
    after = np.minimum(before + 1, latents.shape[-2] - 1)
    return (1 - share) * latents[..., before, :] + share * latents[..., after, :]


def analogous(a: np.ndarray, b: np.ndarray, c: np.ndarray, timbre: int | None = None) -> np.ndarray:
    """What is to C as B is to A: C + B - A. All of one shape."""
    summed = c + b - a
    if timbre is None:
        return summed
    three = np.stack([a, b, c])[..., timbre:]
    summed[..., :timbre] = _unit(summed[..., :timbre])
    summed[..., timbre:] = np.clip(summed[..., timbre:], three.min(0), three.max(0))
    return summed


def lasting(latents: np.ndarray, frames: int) -> np.ndarray:
    """So many frames: cut, or held in the last one."""
    return latents[..., np.minimum(np.arange(frames), latents.shape[-2] - 1), :]


def cross_fade(a: np.ndarray, b: np.ndarray, begin: float = 0.0, end: float = 1.0) -> np.ndarray:
    """A at first, B at last; between these shares of the time half a period of a cosine (a Hann window's halves)."""
    time = np.linspace(0.0, 1.0, a.shape[-2])
    way = np.clip((time - begin) / max(end - begin, 1e-9), 0.0, 1.0)
    share = (0.5 - 0.5 * np.cos(np.pi * way))[:, None].astype(np.float32)
    return (1 - share) * a + share * b


def _unit(timbre):
    """Mean 0 and variance 1 over the channels of each frame."""
    centred = timbre - timbre.mean(-1, keepdims=True)
    return centred / np.maximum(centred.std(-1, keepdims=True), _STILL)


# Sounds


def at(sound: EmbeddingSet, pitches: Sequence[float], velocities: Sequence[float]) -> np.ndarray:
    """float32 (pitches, velocities, frames, latent): straight lines between its notes, its outermost ones beyond."""
    return _between(_between(sound.latents, sound.pitches, pitches, 0), sound.velocities, velocities, 1)


def moments(sound: EmbeddingSet, other: EmbeddingSet) -> np.ndarray:
    """int (frames of the other,): where the sound is when the other, held as long as it was, is at each of its frames.

    As a pad between them plays: a held note goes to and fro in its own loop, and is released when the other is.
    """
    frames = np.arange(other.latents.shape[2])
    held = folded(frames, *sound.loop)
    if sound.release >= sound.latents.shape[2]:
        return held
    released = np.minimum(sound.release + frames - other.release, sound.latents.shape[2] - 1)
    return np.where(frames < other.release, held, released)


def like(sound: EmbeddingSet, other: EmbeddingSet) -> np.ndarray:
    """float32, of the other's shape: the sound at the other's notes, velocities and moments."""
    return at(sound, other.pitches, other.velocities)[:, :, moments(sound, other)]


def analogy(
    a: EmbeddingSet, b: EmbeddingSet, c: EmbeddingSet, name: str = "", timbre: int | None = None
) -> EmbeddingSet:
    """What is to C as B is to A, with C's notes and times. name : without one it is made of theirs

    Raises PresetError where they are for different models.
    """
    _check_alike(a, b, c)
    latents = analogous(like(a, c), like(b, c), c.latents, timbre)
    return replace(c, name=name or short(f"{c.name} + {b.name} − {a.name}"), latents=latents.astype(np.float32))


def mixed(a: EmbeddingSet, b: EmbeddingSet, share: float, name: str = "") -> EmbeddingSet:
    """So much of B and the rest of A, with A's notes and times. Raises PresetError."""
    _check_alike(a, b)
    latents = (1 - np.float32(share)) * a.latents + np.float32(share) * like(b, a)
    return replace(a, name=name or short(f"{a.name}, {share:.0%} {b.name}"), latents=latents)


def faded(a: EmbeddingSet, b: EmbeddingSet, begin: float, end: float, name: str = "") -> EmbeddingSet:
    """A that becomes B while it is held, and stays so; with A's notes and times. begin, end : shares of the held part

    Its loop is what is left of the held part once it is B. Raises PresetError.
    """
    _check_alike(a, b)
    held, other = max(min(a.release, a.latents.shape[2]), 1), like(b, a)
    latents = other.copy()
    latents[:, :, :held] = cross_fade(a.latents[:, :, :held], other[:, :, :held], begin, end)
    first = min(max(a.loop[0], round(end * (held - 1))), a.loop[1])
    return replace(a, name=name or short(f"{a.name} to {b.name}"), latents=latents, loop=(first, a.loop[1]))


def stretched(sound: EmbeddingSet, times: float, name: str = "") -> EmbeddingSet:
    """So many times as long. Raises PresetError where that is too long or shorter than two frames."""
    frames = round(times * sound.latents.shape[2])
    if not 2 <= frames <= FRAMES:
        raise PresetError(f"sound {sound.name!r}: {times:g} times as long has {frames} frames; 2 to {FRAMES} may be")
    scale = (frames - 1) / max(sound.latents.shape[2] - 1, 1)
    first, last = (round(scale * place) for place in sound.loop)
    ends = sound.release >= sound.latents.shape[2]
    return replace(
        sound, name=name or short(f"{sound.name} × {times:g}"), latents=stretch(sound.latents, frames),
        loop=(first, last), release=frames if ends else round(scale * sound.release),
        decay_db_per_s=sound.decay_db_per_s / scale,
    )  # fmt: skip


def backwards(sound: EmbeddingSet, name: str = "") -> EmbeddingSet:
    """Its end first. It goes on in what was its attack, in its last frame, until the key is let go."""
    last = sound.latents.shape[2] - 1
    return replace(
        sound, name=name or short(f"{sound.name} backwards"), latents=sound.latents[:, :, ::-1].copy(),
        loop=(last, last), release=last + 1, decay_db_per_s=0.0,
    )  # fmt: skip


def on_shared_notes(*sounds: EmbeddingSet) -> tuple[EmbeddingSet, ...]:
    """The same, each with the pitches that all have: for embeddings that hold the pitch, which has nothing in between.

    Raises PresetError where they have none in common.
    """
    shared = sorted(set.intersection(*(set(sound.pitches) for sound in sounds)))
    if not shared:
        names = ", ".join(sound.name for sound in sounds)
        raise PresetError(f"{names}: they have no note in common, and these weights keep the pitch in the embedding")
    return tuple(
        replace(sound, pitches=tuple(shared), latents=sound.latents[[sound.pitches.index(note) for note in shared]])
        for sound in sounds
    )


def short(name: str) -> str:
    """A name that is not too long for a sound."""
    return name if len(name) <= NAME_LENGTH else f"{name[: NAME_LENGTH - 1].rstrip()}…"


def _check_alike(*sounds):
    sizes = sorted({sound.latents.shape[3] for sound in sounds})
    if len(sizes) > 1:
        names = ", ".join(sound.name for sound in sounds)
        raise PresetError(
            f"{names}: they have {sizes} latents, so they are for different weights; choose sounds of one"
        )


def _between(latents, axis, wanted, dimension):
    """The latents at other places of an ascending axis."""
    places = np.interp(wanted, axis, np.arange(len(axis)))
    before = places.astype(int)
    after = np.minimum(before + 1, len(axis) - 1)
    share = (places - before).astype(np.float32).reshape([-1 if each == dimension else 1 for each in range(4)])
    return (1 - share) * latents.take(before, dimension) + share * latents.take(after, dimension)
