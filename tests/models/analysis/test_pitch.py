"""The pitch of notes of every kind, octave and cents; noise has none."""

import numpy as np
import pytest
import soxr
from scipy.signal import butter, sosfilt

from models.analysis.pitch import find_pitch
from tests.models import own_notes

MODEL_RATE = 16000
KINDS = {
    "sawtooth": (own_notes.sawtooth, (21, 33, 47, 60, 76, 91, 108)),
    "sine": (own_notes.sine, (21, 33, 47, 60, 76, 91, 108)),
    "hollow": (own_notes.hollow, (24, 40, 60, 84, 100)),
    "without fundamental": (own_notes.without_fundamental, (28, 40, 52, 64, 76)),
    "bell": (own_notes.bell, (45, 60, 76, 91)),
    "string": (own_notes.string, (28, 40, 55, 67, 76)),
}


def model_rate(audio, rate=MODEL_RATE):
    return soxr.resample(audio, own_notes.RATE, rate)


@pytest.mark.parametrize(("kind", "note"), [(kind, note) for kind in KINDS for note in KINDS[kind][1]])
def test_the_octave_and_the_cents_are_found(kind, note):
    f0_hz = 440 * 2 ** ((note + 0.13 - 69) / 12)
    pitch = find_pitch(model_rate(KINDS[kind][0](f0_hz)), MODEL_RATE)
    assert pitch.clear
    assert abs(1200 * np.log2(pitch.f0_hz / f0_hz)) < 3


@pytest.mark.parametrize("rate", [22050, 32000])
@pytest.mark.parametrize(("kind", "note"), [("sawtooth", 21), ("string", 28), ("sine", 60), ("hollow", 100)])
def test_the_rate_makes_no_difference(kind, note, rate):
    f0_hz = 440 * 2 ** ((note + 0.13 - 69) / 12)
    pitch = find_pitch(model_rate(KINDS[kind][0](f0_hz), rate), rate)
    assert pitch.clear
    assert abs(1200 * np.log2(pitch.f0_hz / f0_hz)) < 3


def test_vibrato_has_the_pitch_of_its_middle():
    pitch = find_pitch(model_rate(own_notes.vibrato(330.0)), MODEL_RATE)
    assert pitch.clear and abs(1200 * np.log2(pitch.f0_hz / 330)) < 10


def test_noise_on_top_does_no_harm():
    audio = model_rate(own_notes.string(196.0))
    noise = np.random.default_rng(3).standard_normal(len(audio)) * np.sqrt((audio**2).mean()) * 0.3
    assert abs(1200 * np.log2(find_pitch(audio + noise, MODEL_RATE).f0_hz / 196)) < 3


def noises():
    white = np.random.default_rng(0).standard_normal(32000)
    yield "white", white
    yield "burst", white[:2000]
    yield "fading", white * np.exp(-np.arange(32000) / 3000)
    yield "brown", np.cumsum(white)
    yield "band", sosfilt(butter(2, [400, 800], "band", fs=MODEL_RATE, output="sos"), white)
    yield "silence", np.zeros(32000)


@pytest.mark.parametrize(("name", "audio"), list(noises()), ids=lambda value: value if isinstance(value, str) else "")
def test_noise_has_no_pitch(name, audio):
    assert not find_pitch(audio, MODEL_RATE).clear


def test_near_a_named_note_only_the_cents_are_looked_for():
    audio = model_rate(own_notes.hollow(222.0))
    pitch = find_pitch(audio, MODEL_RATE, near_hz=220.0)
    assert pitch.clear and abs(1200 * np.log2(pitch.f0_hz / 222)) < 1
    assert not find_pitch(audio, MODEL_RATE, near_hz=311.0).clear


@pytest.mark.parametrize("f0_hz", [4500.0, 5000.0, 5500.0, 6000.0, 6200.0, 6500.0, 7000.0])
def test_a_whistle_above_the_keys_has_its_pitch(f0_hz):
    pitch = find_pitch(model_rate(own_notes.sine(f0_hz)), MODEL_RATE)
    assert pitch.clear and abs(1200 * np.log2(pitch.f0_hz / f0_hz)) < 3


@pytest.mark.parametrize("f0_hz", [7300.0, 7600.0, 7900.0])
def test_a_whistle_that_is_not_sure_is_asked_for(f0_hz):
    pitch = find_pitch(model_rate(own_notes.sine(f0_hz)), MODEL_RATE)
    assert not pitch.clear or abs(1200 * np.log2(pitch.f0_hz / f0_hz)) < 3
