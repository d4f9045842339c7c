"""Stand-ins for the engine and for a trained instrument."""

import numpy as np

from engine.telemetry import Telemetry
from presets.preset import EmbeddingSet, Preset


class FakeClient:
    """Records commands and returns the telemetry that a test sets."""

    def __init__(self):
        self.commands: list = []
        self.state = Telemetry(polyphony=8)

    def send(self, command):
        self.commands.append(command)

    def telemetry(self):
        return self.state


def four_sounds(name, corners=("Flute", "Double bass", "Vibraphone", "Violin"), **fields):
    """A preset of four named sounds whose latents mean nothing."""
    latents = np.zeros((1, 1, 8, 4), np.float32)
    sounds = tuple(EmbeddingSet(corner, latents, loop=(2, 5), release=6) for corner in corners)
    return Preset(name, sounds, **fields)
