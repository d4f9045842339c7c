"""Weights -> the decoder of a frozen pad. Nothing is measured: every machine plays it."""

from engine.decoder.frozen.decoder import FrozenDecoder
from engine.decoder.protocol import Wish
from models.frozen import check_frozen


def open_frozen(wish: Wish) -> FrozenDecoder:
    """See `engine.decoder.opening`."""
    config, weights = wish.checkpoint.network
    check_frozen(config, weights)
    return FrozenDecoder(config, weights, wish.voices + wish.spare)
