"""Training crops of synthetic notes: level, past, noise, and what they depend on."""

import numpy as np
import torch

from models.analysis.note import analyse_note
from models.config import WaveNetConfig
from models.data.crops import Crops
from models.data.notes import Notes
from models.mulaw import expand

RATE = 16000
CONFIG = WaveNetConfig(
    width=16, skip_width=16, layers=4, stages=2, taps=2, latent=11, hop=256, encoder="spectrum", encoder_width=32,
    harmonics=4, noise=5, motion=True, mixture=2, loudness=True,
)  # fmt: skip


def sine_notes(pitches=(57, 60, 64), seconds=1.0, breath=0.0):
    """Two harmonics, decaying, with some noise."""
    time, rng = np.arange(int(seconds * RATE)) / RATE, np.random.default_rng(0)
    rows = []
    for pitch in pitches:
        f0 = 440 * 2 ** ((pitch - 69) / 12)
        wave = np.sin(2 * np.pi * f0 * time + 0.5) + 0.5 * np.sin(4 * np.pi * f0 * time + 2.0)
        wave += breath * rng.standard_normal(len(time))
        rows.append(wave * np.exp(-2 * time) * 12000)
    count = len(pitches)
    return Notes(
        audio=np.array(rows).astype(np.int16),
        scale=np.full(count, 0.5 / 12000, np.float32),
        pitch=np.array(pitches),
        velocity=np.full(count, 100),
        instrument=np.zeros(count, np.int64),
        names=("test_acoustic_000",),
        rate=RATE,
    )


def test_levels_are_those_of_harmonics_and_noise():
    """Relative to the level of the whole: two sines of 1 and 0.5 have an rms of 0.79."""
    notes = sine_notes(breath=0.01)
    note = analyse_note(CONFIG, notes.sound(0)[: 256 * 62], notes.f0_hz[0])
    levels = np.exp(note.log_levels[10:50])
    np.testing.assert_allclose(levels[:, 0], 1 / 0.79, rtol=0.05)
    np.testing.assert_allclose(levels[:, 1], 0.5 / 0.79, rtol=0.05)
    assert levels[:, 2:4].max() < 0.01
    total = np.sqrt((levels[:, 4:] ** 2).sum(1)).mean() * 0.79
    assert 0.007 < total < 0.011  # bands overlap, and the harmonics' 80 Hz take their part


def test_crops_hold_the_note_at_the_reference_level():
    crops = Crops(sine_notes(), CONFIG)
    batch = crops.draw(32, 1280, 50, np.random.default_rng(1))
    assert batch.signal.shape == (32, 1280, 2) and batch.phases.shape == (32, 1280, 4)
    ticks = 1280 // CONFIG.tick
    assert batch.weights.shape == (32, ticks, 8) and batch.log_levels.shape == (32, ticks, 9)
    torch.testing.assert_close(batch.weights.sum(-1), torch.ones(32, 20))
    known = batch.signal[..., 1]
    assert set(known.unique().tolist()) == {0.0, 1.0}
    assert (batch.signal[..., 0][known == 0] == 0).all()
    assert 0.1 < batch.taught.float().mean() < 0.9
    levels = expand(batch.target.numpy()).std(1)
    assert 0.1 < np.median(levels) < 0.3


def test_the_noise_of_a_crop_has_unit_level():
    crops = Crops(sine_notes(breath=0.05), CONFIG)
    batch = crops.draw(64, 1280, 50, np.random.default_rng(1))
    assert batch.noise.shape == (64, 1280, 5)
    np.testing.assert_allclose(batch.noise.std((0, 1)).numpy(), 1.0, atol=0.25)


def test_crops_depend_on_the_generator_alone():
    crops = Crops(sine_notes(), CONFIG)
    first, second = (crops.draw(4, 640, 8, np.random.default_rng(7)) for _ in range(2))
    for name in ("signal", "target", "phases", "noise", "spectra", "log_levels"):
        assert torch.equal(getattr(first, name), getattr(second, name))
