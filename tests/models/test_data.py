"""Notes, tracked phases and training crops, on synthetic notes."""

import json

import numpy as np
import pytest
import soundfile
import torch

from errors import ModelError
from models.config import WaveNetConfig
from models.data.crops import TICK, Crops
from models.data.harmonics import absolute_phases, angles, track_harmonics
from models.data.notes import PEAK_LEVEL, Notes, read_notes
from models.data.soundfont import render_notes
from models.mulaw import expand
from models.spectrum import analyse, apply_loudness

RATE = 16000
CONFIG = WaveNetConfig(
    width=16, skip_width=16, layers=4, stages=2, taps=2, latent=8, encoder="spectrum", encoder_width=32, harmonics=4,
    mixture=2, loudness=True,
)  # fmt: skip


def sine_notes(pitches=(57, 60, 64), seconds=1.0):
    """Two harmonics, decaying; phases of our choosing."""
    time = np.arange(int(seconds * RATE)) / RATE
    rows = []
    for pitch in pitches:
        f0 = 440 * 2 ** ((pitch - 69) / 12)
        wave = np.sin(2 * np.pi * f0 * time + 0.5) + 0.5 * np.sin(4 * np.pi * f0 * time + 2.0)
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


def test_tracked_phases_are_those_of_the_signal():
    notes = sine_notes()
    f0 = notes.f0_hz[1]
    tracked = track_harmonics(notes.sound(1), f0, RATE, 4)
    samples = np.arange(2000, 12000, 7)
    phases = absolute_phases(angles(tracked), f0, samples, RATE)
    decay = np.exp(-2 * np.arange(len(tracked)) * 16 / RATE)
    np.testing.assert_allclose(np.abs(tracked[100:900, 0]), 0.5 * decay[100:900], rtol=0.02)
    np.testing.assert_allclose(np.abs(tracked[100:900, 1]), 0.25 * decay[100:900], rtol=0.02)
    # sin(x) leads its own demodulated angle by a quarter turn.
    for k, start in ((1, 0.5), (2, 2.0)):
        expected = 2 * np.pi * k * f0 * samples / RATE + start - np.pi / 2
        error = np.angle(np.exp(1j * (phases[:, k - 1] - expected)))
        assert np.abs(error).max() < 0.06


def test_loudness_follows_the_level_and_can_be_undone():
    sound = sine_notes().sound(0)[: 512 * 31]
    _, loudness_db = analyse(torch.from_numpy(sound), 512, RATE)
    latents = np.zeros((31, CONFIG.latent), np.float32)
    latents[:, -1] = loudness_db
    flat = apply_loudness(CONFIG, sound, latents, inverse=True)
    rms = np.sqrt((flat[1024:-1024].reshape(-1, 512) ** 2).mean(1))
    assert np.abs(20 * np.log10(rms / 0.2)).max() < 1.0
    np.testing.assert_allclose(apply_loudness(CONFIG, flat, latents), sound, atol=1e-6)


def test_crops_hold_the_note_at_the_reference_level():
    crops = Crops(sine_notes(), CONFIG)
    batch = crops.draw(32, 1280, 50, np.random.default_rng(1))
    assert batch.signal.shape == (32, 1280, 2) and batch.phases.shape == (32, 1280, 4)
    assert batch.weights.shape == (32, 1280 // TICK, 5)
    torch.testing.assert_close(batch.weights.sum(-1), torch.ones(32, 20))
    known = batch.signal[..., 1]
    assert set(known.unique().tolist()) == {0.0, 1.0}
    assert (batch.signal[..., 0][known == 0] == 0).all()
    levels = expand(batch.target.numpy()).std(1)
    assert 0.1 < np.median(levels) < 0.3


def test_crops_depend_on_the_generator_alone():
    crops = Crops(sine_notes(), CONFIG)
    first, second = (crops.draw(4, 640, 8, np.random.default_rng(7)) for _ in range(2))
    assert torch.equal(first.signal, second.signal) and torch.equal(first.spectra, second.spectra)


def write_folder(folder, audio, rate=RATE):
    (folder / "audio").mkdir()
    entry = {"note_str": "flute_acoustic_000-060-100", "instrument_str": "flute_acoustic_000", "pitch": 60}
    entry |= {"velocity": 100, "sample_rate": RATE}
    (folder / "examples.json").write_text(json.dumps({entry["note_str"]: entry}))
    soundfile.write(folder / "audio" / f"{entry['note_str']}.wav", audio, rate, subtype="PCM_16")


def test_read_notes_scales_an_instrument_to_its_peak(tmp_path):
    write_folder(tmp_path, 0.1 * np.sin(np.arange(8000) * 0.3))
    notes = read_notes(tmp_path)
    assert np.abs(notes.sound(0)).max() == pytest.approx(PEAK_LEVEL, rel=1e-3)


def test_read_notes_names_a_wav_of_another_rate(tmp_path):
    write_folder(tmp_path, np.zeros(8000), rate=8000)
    with pytest.raises(ModelError, match="flute_acoustic_000-060-100.wav.*8000"):
        read_notes(tmp_path)


def test_missing_font_is_named(tmp_path):
    with pytest.raises(ModelError, match="nowhere.sf2.*fluid-soundfont-gm"):
        render_notes(tmp_path / "nowhere.sf2", tmp_path)
