"""Whether a network is told the pitch decides who makes it; and how many samples a decoder is asked for."""

from dataclasses import replace

import numpy as np
import pytest

from engine.decoder.cpu.decoder import CpuDecoder
from engine.decoder.protocol import Decoder
from engine.voice.source import Repitched, Told, source_of, told_pitch
from models import checkpoints
from models.config import WaveNetConfig
from tests.fakes import FAKE_CONFIG, NOTE_CONFIG, FakeDecoder, NoteDecoder

TICK = NOTE_CONFIG.tick


@pytest.fixture(scope="module")
def network(small_checkpoint):
    config, weights = checkpoints.read(small_checkpoint).network
    return CpuDecoder(config, weights, 3)


class Asked:
    """A decoder that plays nothing and remembers every call: (slots, first latent of each, samples)."""

    def __init__(self, voices):
        self.config, self.voices, self.calls = NOTE_CONFIG, voices, []

    def reset(self, slots):
        pass

    def render(self, slots, latents, f0_hz, temperature, uniforms, audio):
        assert np.unique(slots).size == slots.size
        assert latents.shape == (slots.size, NOTE_CONFIG.latent) and temperature.shape == slots.shape
        assert f0_hz.shape == uniforms.shape == audio.shape and audio.shape[0] == slots.size
        self.calls.append((slots.tolist(), latents[:, 0].tolist(), audio.shape[1]))
        audio[:] = 0.0

    def close(self):
        pass


def of(speeds, ticks, decoder):
    """Play voices at these speeds of a source note 69."""
    source = Repitched(decoder, seed=0)
    slots = np.arange(len(speeds))
    for slot in slots:
        source.start(int(slot), int(slot))
    latents = np.zeros((decoder.voices, NOTE_CONFIG.latent), np.float32)
    latents[:, 0] = np.arange(decoder.voices)
    f0_hz = np.repeat(440.0 * np.array(speeds, np.float32)[:, None], TICK, axis=1)
    for _ in range(ticks):
        notes = np.full(decoder.voices, 69.0)
        source.render(slots, latents, notes, f0_hz, 1.0, np.zeros((len(speeds), TICK), np.float32))
    return source


def test_who_makes_the_pitch():
    paper = WaveNetConfig()
    assert not told_pitch(paper) and told_pitch(replace(paper, pitch=True)) and told_pitch(FAKE_CONFIG)
    decoders: list[Decoder] = [FakeDecoder(), NoteDecoder()]
    assert [type(source_of(decoder, 0)) for decoder in decoders] == [Told, Repitched]


def test_every_voice_asks_for_its_own_samples_and_the_calls_are_few():
    speeds = [0.25, 0.9, 1.0, 1.1, 4.0, 2.0]
    decoder = Asked(len(speeds))
    ticks = 100
    source = of(speeds, ticks, decoder)
    computed = [sum(samples for slots, _, samples in decoder.calls if slot in slots) for slot in range(len(speeds))]
    np.testing.assert_allclose(computed, np.array(speeds) * ticks * TICK, atol=24 * 4 + 16)
    assert sum(samples for _, _, samples in decoder.calls) == max(computed)
    assert len(decoder.calls) < 6 * ticks
    assert all(latents == slots for slots, latents, _ in decoder.calls)
    assert source.speed == pytest.approx(np.mean(speeds))


@pytest.mark.parametrize(("speed", "beyond"), [(0.2, True), (0.25, False), (1.0, False), (4.0, False), (4.1, True)])
def test_what_is_beyond_the_range_is_held_at_its_end_and_told(speed, beyond):
    decoder = Asked(1)
    assert of([speed], 50, decoder).beyond == beyond
    computed = sum(samples for _, _, samples in decoder.calls)
    assert computed == pytest.approx(np.clip(speed, 0.25, 4.0) * 50 * TICK, abs=24 * 4 + 16)


def test_a_voice_is_the_same_alone_and_among_others(network):
    """With a network that hears its past: whatever calls the others' speeds cut its samples into."""
    chance = np.random.default_rng(3)
    latents = chance.standard_normal((3, network.config.latent)).astype(np.float32)
    f0_hz = np.array([[150.0], [261.6], [700.0]], np.float32) * np.linspace(0.9, 1.1, 20 * TICK, dtype=np.float32)
    notes = np.array([60.0, 60.0, 64.0])

    def play(slots, block):
        network.reset(slots)
        source, heard = Repitched(network, seed=0), []
        for slot in slots.tolist():
            source.start(slot, slot)
        for at in range(0, f0_hz.shape[1], block):
            part = f0_hz[slots, at : at + block]
            heard.append(np.zeros_like(part))
            source.render(slots, latents, notes, part, 1.0, heard[-1])
        return np.concatenate(heard, axis=1)

    together = play(np.arange(3), TICK)
    assert (np.abs(together).max(1) > 0.01).all()
    for slot in range(3):
        for block in (TICK, 9):
            np.testing.assert_array_equal(play(np.array([slot]), block)[0], together[slot])
