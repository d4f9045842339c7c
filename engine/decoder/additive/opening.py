"""Weights -> the additive decoder. Nothing is measured: one core plays more voices than anybody needs."""

from engine.decoder.additive.decoder import AdditiveDecoder
from engine.decoder.protocol import Wish


def open_additive(wish: Wish) -> AdditiveDecoder:
    """See `engine.decoder.opening`."""
    return AdditiveDecoder(*wish.checkpoint.network, wish.voices + wish.spare)
