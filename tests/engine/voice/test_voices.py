"""All voices together: each stands at a place of its own on the pad, whatever the number of its points."""

from dataclasses import replace

import numpy as np
import pytest

from engine.events.controllers import Controllers
from engine.events.tuning import Tuning
from engine.voice.sound import Sound
from engine.voice.voices import Beginning, Voices
from presets.pad import Layout
from tests.fakes import FAKE_CONFIG, FakeDecoder, fake_preset

SOUND = Sound.from_preset(fake_preset(), FAKE_CONFIG)
TICK = FAKE_CONFIG.tick


def three_points():
    """Fundamental, octave, quiet fundamental."""
    kept = [0, 1, 3]
    layout = Layout([(0.2, 0.2), (0.8, 0.3), (0.5, 0.9)])
    rows = {name: getattr(SOUND, name)[kept] for name in ("corners", "pitches", "velocities")}
    return replace(SOUND, **rows, layout=layout)


@pytest.fixture
def voices():
    result = Voices(FakeDecoder(voices=3), SOUND.parameters.copy(), Controllers(2.0), Tuning(), seed=0)
    result.envelopes.set_parameters(SOUND.parameters)
    return result


def test_every_voice_has_the_sound_of_its_own_place(voices, monkeypatch):
    voices.load(three_points())
    voices.place(np.array([0, 2]), np.array([[0.2, 0.2], [0.5, 0.5], [0.8, 0.3]]))
    for slot in (0, 2):
        voices.start(slot, Beginning(0, 69, 127, 1.0))
    heard = FakeDecoder.render
    asked = {}

    def render(decoder, slots, latents, *rest):
        asked.update(zip(slots.tolist(), latents[:, :2].tolist(), strict=True))
        heard(decoder, slots, latents, *rest)

    monkeypatch.setattr(FakeDecoder, "render", render)
    voices.advance()
    voices.render(0, TICK, 0.0, np.zeros((2, TICK), np.float32))
    assert asked == {0: [0.5, 0.0], 2: [0.0, 0.5]}
