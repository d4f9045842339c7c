"""Weights -> the decoder of a frozen pad. Nothing is measured: every machine plays it."""

from engine.decoder.frozen.decoder import FrozenDecoder
from engine.decoder.protocol import Wish


def open_frozen(wish: Wish) -> FrozenDecoder:
    """See `engine.decoder.opening`."""
    return FrozenDecoder(*wish.checkpoint.network, wish.voices + wish.spare)
