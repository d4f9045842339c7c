"""Free partials in the rows for the decoder: those of different sounds do not mix, each sound's stand in a place.

Of a sound the nearest note's are taken, and they move with the key; as loud as the sound is on the pad. See
models.harmonic.config; other models have none, and then nothing is done.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from models.config import Playable
from models.harmonic.config import ABSENT

_ABSENT = np.float32(ABSENT)


class Places(NamedTuple):
    """Where they stand.

    start : channel of the first in a stored frame; partials : of a sound; latent : channels of a frame
    weights : float64 (places,), of the sounds that stand in a row, while it is filled
    """

    start: int
    partials: int
    latent: int
    weights: np.ndarray


def make_places(config: Playable) -> Places:
    """Of the rows of one thread."""
    channels = config.free.stop - config.free.start
    places = 1 + (config.mixed - config.latent) // channels if channels else 0
    return Places(config.free.start, channels // 2, config.latent, np.zeros(places))


@njit(cache=True, nogil=True)
def clear(places, row):
    """No sound stands anywhere; what was there keeps its frequencies, in which it fades. row : float32 (mixed,)"""
    places.weights[:] = 0.0
    for place in range(places.weights.size):
        first = _first(places, place)
        row[first : first + places.partials] = _ABSENT


@njit(cache=True, nogil=True)
def put(places, row, point, weight, stored, frame):
    """The free partials of a point of the pad. Where two fall on one place, the louder stands there.

    stored : float32 (rows, latent); frame : the row of the nearest note and moment
    """
    if places.weights.size == 0:
        return
    place = point % places.weights.size
    if weight <= places.weights[place]:
        return
    places.weights[place] = weight
    first, quieter = _first(places, place), np.float32(0.5 * np.log(weight))
    for i in range(places.partials):
        row[first + i] = max(stored[frame, places.start + i] + quieter, _ABSENT)
        row[first + places.partials + i] = stored[frame, places.start + places.partials + i]


@njit(cache=True, nogil=True)
def _first(places, place):
    """Channel of a row."""
    return places.start if place == 0 else places.latent + (place - 1) * 2 * places.partials
