"""Each effect does what its knobs say, in figures."""

import numpy as np
import pytest

from engine.effects.kinds import BEATS
from tests.engine.effects.test_effects import NOISE, RATE, made, run

SECOND = np.arange(RATE) / RATE


def tone(hz, level_db=-20.0):
    one = 10 ** (level_db / 20) * np.sin(2 * np.pi * hz * SECOND)
    return np.repeat(one[:, np.newaxis], 2, 1).astype(np.float32)


def gain_db(kind, hz, level_db=-20.0, **parameters):
    """Of a tone's power, after half a second."""
    audio = tone(hz, level_db)
    out = run(made(kind, **parameters), audio)[RATE // 2 :]
    return 10 * np.log10(np.square(out).mean() / np.square(audio[RATE // 2 :]).mean())


def impulse(seconds=1.0):
    audio = np.zeros((round(seconds * RATE), 2), np.float32)
    audio[0] = 0.5
    return audio


def echoes(chain, seconds=1.0):
    """Frames at which something begins after silence, on either side."""
    loud = np.flatnonzero(np.abs(run(chain, impulse(seconds))).max(1) > 1e-3)
    return loud[np.flatnonzero(np.diff(loud, prepend=-1000) > 100)]


def test_a_free_delay_repeats_after_its_time():
    assert echoes(made("delay", time_ms=200.0, feedback=0.5)).tolist() == [9600, 19200, 28800, 38400]


@pytest.mark.parametrize("name", ["1/16", "1/8t", "1/8.", "1/4"])
def test_a_delay_on_the_beat_follows_the_tempo(name):
    place = float(list(BEATS).index(name))
    chain = made("delay", sync=place, time_ms=10.0, feedback=0.0)
    assert echoes(chain).tolist() == [round(BEATS[name] * 0.5 * RATE)]  # 120 bpm
    chain.set_tempo(90.0)
    run(chain, np.zeros((RATE, 2), np.float32))
    assert echoes(chain).tolist() == [round(BEATS[name] * 60 / 90 * RATE)]


def test_ping_pong_begins_on_the_left_and_goes_over():
    out = np.abs(run(made("delay", time_ms=100.0, spread=1.0, feedback=0.5), impulse()))
    first, second = out[4800:9000].max(0), out[9600:14000].max(0)
    assert first[0] > 0.1 and first[1] == 0.0
    assert second[1] > 0.05 and second[0] < 1e-6


@pytest.mark.parametrize(
    ("hz", "knobs"), [(40.0, ("low_db", "low_hz")), (1000.0, ("mid_db", "mid_hz")), (14000.0, ("high_db", "high_hz"))]
)
@pytest.mark.parametrize("db", [-12.0, 12.0])
def test_a_band_of_the_equalizer_raises_its_tone_alone(hz, knobs, db):
    at = {"low_hz": 200.0, "mid_hz": 1000.0, "high_hz": 5000.0}
    assert gain_db("eq", hz, **{knobs[0]: db}, **at) == pytest.approx(db, abs=0.6)
    others = {40.0, 1000.0, 14000.0} - {hz}
    assert all(abs(gain_db("eq", other, **{knobs[0]: db}, **at)) < 0.6 for other in others)


def test_an_equalizer_at_rest_leaves_every_bit():
    assert run(made("eq"), NOISE).tobytes() == NOISE.tobytes()


@pytest.mark.parametrize(("ratio", "over_db"), [(2.0, 12.0), (4.0, 12.0), (4.0, 20.0)])
def test_a_compressor_takes_off_what_its_ratio_says(ratio, over_db):
    settings = {"threshold_db": -30.0, "ratio": ratio, "attack_ms": 0.5, "release_ms": 2000.0}
    wanted = -over_db * (1 - 1 / ratio)
    assert gain_db("compressor", 2000.0, -30.0 + over_db, **settings) == pytest.approx(wanted, abs=0.5)
    assert gain_db("compressor", 2000.0, -45.0, **settings) == pytest.approx(0.0, abs=0.01)
    assert gain_db("compressor", 2000.0, -45.0, makeup_db=6.0, **settings) == pytest.approx(6.0, abs=0.01)


def test_width_leaves_mono_and_makes_sides():
    mono = NOISE.mean(1, keepdims=True).repeat(2, 1)
    out = run(made("width", spread=1.0), mono)
    np.testing.assert_allclose(out.sum(1), mono.sum(1), atol=1e-6)
    assert np.square(out[:, 0] - out[:, 1]).mean() > 0.5 * np.square(mono).mean()
    np.testing.assert_allclose(run(made("width", spread=0.0), NOISE), NOISE, atol=1e-6)
    narrow = run(made("width", spread=0.0, sides=0.0), NOISE)
    np.testing.assert_allclose(narrow[2400:, 0], narrow[2400:, 1], atol=1e-6)


def test_drive_adds_odd_harmonics_and_little_level():
    out = run(made("drive", drive_db=24.0, tone_hz=20000.0), tone(500, -12.0))
    spectrum = np.abs(np.fft.rfft(out[:, 0] * np.hanning(RATE)))
    levels = 20 * np.log10(spectrum[[500, 1000, 1500, 2500]] / spectrum[500])
    assert levels[1] < -80 and levels[2] > -20 and levels[3] > -30
    assert abs(gain_db("drive", 500, -12.0, drive_db=24.0)) < 6
    assert gain_db("drive", 500, -60.0, drive_db=0.0, tone_hz=20000.0) == pytest.approx(0.0, abs=0.1)
    half = gain_db("drive", 2000, -60.0, drive_db=0.0, tone_hz=20000.0, wet=0.5)
    assert half == pytest.approx(0.0, abs=0.1)  # both halves are in time


@pytest.mark.parametrize(("hz", "drive_db", "aliases_db"), [(5000, 12.0, -100), (5000, 36.0, -60), (7000, 36.0, -60)])
def test_what_drive_adds_to_a_high_tone_are_its_harmonics(hz, drive_db, aliases_db):
    out = run(made("drive", drive_db=drive_db, tone_hz=20000.0), tone(hz, -2.0))[:, 0]
    spectrum = np.abs(np.fft.rfft(out * np.blackman(len(out))))
    at = np.arange(len(spectrum)) * RATE / len(out)
    others = np.abs(at - hz * np.round(at / hz)) > 8  # also none of the window's main lobe
    assert 20 * np.log10(spectrum[others].max() / spectrum.max()) < aliases_db


def test_the_filter_takes_the_treble():
    assert gain_db("filter", 8000, cutoff_hz=1000.0) < -50
    assert gain_db("filter", 100, cutoff_hz=5000.0, resonance=0.0) == pytest.approx(0.0, abs=1.5)


def test_reverb_and_chorus_make_stereo_of_mono():
    mono = NOISE.mean(1, keepdims=True).repeat(2, 1)
    for kind in ("reverb", "chorus"):
        out = run(made(kind), mono)
        assert abs(np.corrcoef(out[4800:].T)[0, 1]) < 0.6


def test_a_larger_room_rings_longer():
    rings = [np.abs(run(made("reverb", size=size), impulse(3.0)))[RATE:].max() for size in (0.1, 0.5, 0.9)]
    assert rings[0] < rings[1] / 10 < rings[2] / 100
