"""What the sounds of a voice do not share, in the rows for the decoder: each sound's stands in a place of its own.

Free partials, which do not mix: of a sound the nearest note's are taken, and they move with the key, as loud as the
sound is on the pad. Embeddings, which the network is asked about one by one: what it answers mixes. See
models.harmonic.config; other models have none of it, and then nothing is done.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from models.config import Playable
from models.harmonic.config import ABSENT, PLACES, HarmonicConfig

_ABSENT = np.float32(ABSENT)


class Places(NamedTuple):
    """Where they stand.

    start : channel of the first free partial in a stored frame; partials : of a sound; latent : channels of a frame
    asked : channel of the first place's share in the voice; its embedding follows
    weights : float64 (places,), of the sounds that stand in a row, while it is filled
    before : float64 (timbre,), what the sounds before the next one come to
    """

    start: int
    partials: int
    latent: int
    asked: int
    weights: np.ndarray
    before: np.ndarray


def make_places(config: Playable) -> Places:
    """Of the rows of one thread."""
    if not isinstance(config, HarmonicConfig):
        return Places(config.latent, 0, config.latent, config.latent, np.zeros(0), np.zeros(0))
    weights, before = np.zeros(PLACES), np.zeros(config.timbre)
    return Places(config.free.start, config.partials, config.latent, config.asked, weights, before)


@njit(cache=True, nogil=True)
def clear(places, row):
    """No sound stands anywhere; what was there keeps its frequencies, in which it fades. row : float32 (mixed,)"""
    places.weights[:] = 0.0
    places.before[:] = 0.0
    for place in range(places.weights.size):
        first = _first(places, place)
        row[first : first + places.partials] = _ABSENT
        row[_share(places, place)] = 0.0


@njit(cache=True, nogil=True)
def put(places, row, point, weight, stored, frame, mixed):
    """A point of the pad. Where two fall on one place, the louder stands there.

    stored : float32 (rows, latent); frame : the row of the nearest note and moment
    mixed : float64 (latent or more,), what all points come to, up to this one
    """
    if places.weights.size == 0:
        return
    place = point % places.weights.size
    if weight > places.weights[place]:
        places.weights[place] = weight
        first, quieter = _first(places, place), np.float32(0.5 * np.log(weight))
        for i in range(places.partials):
            row[first + i] = max(stored[frame, places.start + i] + quieter, _ABSENT)
            row[first + places.partials + i] = stored[frame, places.start + places.partials + i]
        share = _share(places, place)
        row[share] = weight
        for i in range(places.before.size):
            row[share + 1 + i] = (mixed[i] - places.before[i]) / weight
    places.before[:] = mixed[: places.before.size]


@njit(cache=True, nogil=True)
def lag(places, row, behind):
    """What a jump left behind is left in every place's embedding, too. behind : float64 (latent,)"""
    for place in range(places.weights.size):
        share = _share(places, place)
        if row[share] > 0.0:
            for i in range(places.before.size):
                row[share + 1 + i] += behind[i]


@njit(cache=True, nogil=True)
def _first(places, place):
    """Channel of a row."""
    return places.start if place == 0 else places.latent + (place - 1) * 2 * places.partials


@njit(cache=True, nogil=True)
def _share(places, place):
    """Channel of a row."""
    return places.asked + place * (1 + places.before.size)
