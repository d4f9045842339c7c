"""The embedding of what sounds: what the pad mixes at a place, over the time of its heaviest corner. Free of Qt."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.telemetry import Standing
from presets.arithmetic import at, moments
from presets.pad import corner_weights
from presets.preset import EmbeddingSet

_AUDIBLE = 1e-3  # a corner of a lower weight is left out
_REACH = 3.0  # standard deviations of a channel that are shown


@dataclass(frozen=True, eq=False)
class Curves:
    """values : float32 (frames, latent); loop : its first and last frame; release : frame, as of EmbeddingSet"""

    values: np.ndarray
    loop: tuple[int, int]
    release: int


def curves_at(corners: Sequence[EmbeddingSet], place: tuple[float, float], standing: Standing) -> Curves:
    """What a voice runs through at this place on the pad; the slope of a sound that fades by itself is left out."""
    main = corners[standing.corner]
    weights = corner_weights(*place)
    mixed = np.zeros(main.latents.shape[2:], np.float32)
    for corner, weight in zip(corners, weights, strict=True):
        if weight > _AUDIBLE:
            note = at(corner, [standing.pitch], [standing.velocity])[0, 0]
            mixed += np.float32(weight) * note[moments(corner, main)]
    return Curves(mixed, main.loop, main.release)


def spans(corners: Sequence[EmbeddingSet]) -> np.ndarray:
    """float32 (2, latent): the middle of each channel and how far from it is shown, over all that the pad has."""
    rows = np.concatenate([corner.latents.reshape(-1, corner.latents.shape[3]) for corner in corners])
    return np.stack([rows.mean(0), np.maximum(_REACH * rows.std(0), 1e-6)])
