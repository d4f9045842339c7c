"""Weights -> the decoder of a baseline's pad."""

from engine.decoder.baseline.child import Child
from engine.decoder.baseline.growing import GrowingDecoder
from engine.decoder.protocol import Wish


def open_baseline(wish: Wish) -> GrowingDecoder:
    """See `engine.decoder.opening`. Raises ModelError where the notes cannot be made."""
    config, weights = wish.checkpoint.network
    wish.tell("making the first note of the baseline's …")
    child = Child(config)
    try:
        return GrowingDecoder(
            config, weights["embeddings"], wish.voices + wish.spare, child.note, child.close, not wish.live, wish.tell
        )
    except BaseException:
        child.close()
        raise
