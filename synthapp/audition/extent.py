"""How much is played: from a few notes to all that the table is measured on."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Extent:
    """step : semitones between the keys that every sound plays
    heldout : notes of each held-out split to encode and play back
    sounds : for morphs, velocities, bends and octaves
    points : at random on the pad
    minutes : how long notes are held; holds : how many
    """

    step: int = 3
    heldout: int = 64
    sounds: int = 8
    points: int = 100
    minutes: float = 10.0
    holds: int = 8


FULL = Extent()
QUICK = Extent(step=12, heldout=8, sounds=3, points=10, minutes=0.5, holds=1)
