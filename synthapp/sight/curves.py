"""The embedding of what sounds: what the pad mixes at a place, over the time of its heaviest corner. Free of Qt."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.telemetry import Standing
from presets.arithmetic import at, moments
from presets.pad import Layout, Place
from presets.preset import EmbeddingSet

_AUDIBLE = 1e-3  # a corner of a lower weight is left out
_REACH = 3.0  # standard deviations of a channel that are shown
_FIRST, _LAST = 48, 4  # channels that are: of wide latents, which hold more than the embedding, its own and the motion


@dataclass(frozen=True, eq=False)
class Curves:
    """values : float32 (frames, latent); loop : its first and last frame; release : frame, as of EmbeddingSet"""

    values: np.ndarray
    loop: tuple[int, int]
    release: int


def curves_at(
    corners: Sequence[EmbeddingSet], places: Sequence[Place], place: tuple[float, float], standing: Standing
) -> Curves:
    """What a voice runs through at this place on the pad; the slope of a sound that fades by itself is left out.

    places : of the corners
    """
    main = corners[standing.corner]
    weights = Layout(places).weights(*place)
    mixed = np.zeros(main.latents.shape[2:], np.float32)
    for corner, weight in zip(corners, weights, strict=True):
        if weight > _AUDIBLE:
            note = at(corner, [standing.pitch], [standing.velocity])[0, 0]
            mixed += np.float32(weight) * note[moments(corner, main)]
    return Curves(_shown(mixed), main.loop, main.release)


def spans(corners: Sequence[EmbeddingSet]) -> np.ndarray:
    """float32 (2, latent): the middle of each channel and how far from it is shown, over all that the pad has."""
    shown = [_shown(corner.latents) for corner in corners]
    rows = np.concatenate([each.reshape(-1, each.shape[3]) for each in shown])
    return np.stack([rows.mean(0), np.maximum(_REACH * rows.std(0), 1e-6)])


def _shown(latents):
    """(..., latent) -> the channels that are shown."""
    if latents.shape[-1] <= _FIRST + _LAST:
        return latents
    return np.concatenate([latents[..., :_FIRST], latents[..., -_LAST:]], -1)
