"""A recording is cut to its note: onset, end and release found, level and pitch as the models want them."""

import numpy as np
import pytest

from common.errors import ModelError, PitchError
from models.analysis.recording import BEFORE_S, LEVEL, prepare
from tests.models import own_notes

RATE, HOP = 16000, 256


def tone(seconds=1.0, f0_hz=220.0, attack_s=0.002, fall_db_per_s=0.0):
    t = np.arange(int(seconds * RATE)) / RATE
    audio = sum(np.sin(2 * np.pi * k * f0_hz * t) / k for k in range(1, 8))
    return 0.1 * audio * np.minimum(1, t / attack_s) * 10 ** (-fall_db_per_s * t / 20)


def silence(seconds):
    return np.zeros(int(seconds * RATE))


def noise(samples, level_db):
    return np.random.default_rng(1).standard_normal(samples) * 10 ** (level_db / 20)


@pytest.mark.parametrize("before_s", [0.0, 0.1, 1.7])
@pytest.mark.parametrize("noise_db", [-120, -60, -45])
def test_the_onset_is_found_in_noise_and_with_an_offset(before_s, noise_db):
    audio = np.concatenate([silence(before_s), tone(), silence(0.3)])
    recording = prepare(audio + noise(len(audio), noise_db) + 0.05, RATE, HOP)
    assert recording.onset_s == pytest.approx(before_s, abs=0.004)


def test_a_click_before_the_note_is_not_its_onset():
    audio = np.concatenate([silence(0.8), tone()])
    audio[4000:4008] = 0.05
    assert prepare(audio, RATE, HOP).onset_s == pytest.approx(0.8, abs=0.004)


def test_a_slow_attack_is_kept():
    audio = np.concatenate([silence(0.5), tone(3.0, attack_s=1.5)])
    assert prepare(audio, RATE, HOP).onset_s == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("gain", [1e-3, 1.0, 5.0])
def test_the_loudest_hop_has_the_level_of_the_factory(gain):
    recording = prepare(gain * tone(fall_db_per_s=20), RATE, HOP)
    hops = recording.audio.reshape(-1, HOP)
    assert np.sqrt((hops**2).mean(1)).max() == pytest.approx(LEVEL, rel=1e-4)
    assert recording.audio.dtype == np.float32


def test_silence_behind_the_note_is_cut_and_only_some_seconds_are_kept():
    audio = np.concatenate([silence(0.3), tone(1.0), silence(3.0)])
    assert len(prepare(audio, RATE, HOP).audio) / RATE == pytest.approx(1.0 + BEFORE_S, abs=0.1)
    assert len(prepare(tone(12.0), RATE, HOP).audio) / RATE == pytest.approx(8.0, abs=0.02)


@pytest.mark.parametrize("fall_db_per_s", [0.0, 15.0])
def test_a_release_is_heard(fall_db_per_s):
    audio = tone(2.0, fall_db_per_s=fall_db_per_s)
    audio[int(1.4 * RATE) :] *= 10 ** (-90 * np.arange(int(0.6 * RATE)) / RATE / 20)
    recording = prepare(audio, RATE, HOP)
    assert recording.held / RATE == pytest.approx(1.4, abs=0.04)


def decays():
    yield "steady", tone(2.0)
    yield "even", tone(2.0, fall_db_per_s=30)
    yield "in two stages", 0.7 * tone(2.0, fall_db_per_s=60) + 0.3 * tone(2.0, fall_db_per_s=8)
    yield "quick", np.concatenate([tone(0.6, fall_db_per_s=120), silence(0.5)])
    yield "into noise", tone(3.0, fall_db_per_s=40) + noise(3 * RATE, -60)


@pytest.mark.parametrize(("name", "audio"), list(decays()), ids=lambda value: value if isinstance(value, str) else "")
def test_a_natural_decay_is_no_release(name, audio):
    recording = prepare(audio, RATE, HOP)
    assert recording.held == len(recording.audio)


def test_silence_next_to_nothing_and_noise_are_refused():
    with pytest.raises(ModelError, match="nothing but silence"):
        prepare(silence(1.0) + 0.5, RATE, HOP)
    with pytest.raises(ModelError, match="only .* ms of sound"):
        prepare(tone(0.02), RATE, HOP)
    with pytest.raises(PitchError, match="--note A4"):
        prepare(noise(RATE, -20), RATE, HOP)


def test_a_named_note_keeps_its_cents_and_noise_takes_it_as_it_is():
    assert prepare(tone(f0_hz=223.0), RATE, HOP, note_hz=220.0).f0_hz == pytest.approx(223.0, rel=2e-4)
    assert prepare(noise(RATE, -20), RATE, HOP, note_hz=220.0).f0_hz == 220.0


def test_a_plucked_string_is_all_held():
    import soxr

    audio = soxr.resample(own_notes.string(147.0), own_notes.RATE, RATE)
    recording = prepare(audio, RATE, HOP)
    assert recording.held == len(recording.audio) and recording.f0_hz == pytest.approx(147.0, rel=5e-4)


@pytest.mark.parametrize("before_s", [0.0, 0.5])
@pytest.mark.parametrize("fall_db_per_s", [10, 20, 30])
def test_a_note_played_backwards_keeps_its_beginning(before_s, fall_db_per_s):
    """Its slope is no noise."""
    audio = np.concatenate([silence(before_s), tone(1.5, fall_db_per_s=fall_db_per_s)[::-1]])
    recording = prepare(audio, RATE, HOP)
    assert recording.onset_s == pytest.approx(before_s, abs=0.01) and recording.held == len(recording.audio)


@pytest.mark.parametrize("power", [1, 2])
def test_a_swell_from_the_first_sample_on_keeps_its_beginning(power):
    audio = tone(3.0) * np.minimum(np.arange(3 * RATE) / RATE / 2, 1) ** power
    assert prepare(audio, RATE, HOP).onset_s < 0.06
