"""Attack, decay, sustain, release, velocity and the fade of stolen voices."""

import numpy as np
import pytest

from engine.parameters import TABLE, Param
from engine.voice.envelope import FADE_MS, Envelopes, velocity_gain

RATE = 16000
SLOTS = np.zeros(1, np.int64)


def envelopes(**changes):
    """One slot. changes : parameter name -> value."""
    parameters = np.array([TABLE[param].default for param in Param])
    for name, value in changes.items():
        parameters[Param[name.upper()]] = value
    result = Envelopes(RATE, 1)
    result.set_parameters(parameters)
    return result


def render(envelope, ms):
    gains = np.zeros((1, round(ms * RATE / 1000)))
    envelope.render(SLOTS, gains)
    return gains[0]


def test_attack_decay_sustain():
    envelope = envelopes(attack_ms=10.0, decay_ms=100.0, sustain=0.25)
    envelope.start(0, 1.0)
    attack = render(envelope, 10)
    assert attack[-1] == pytest.approx(1.0, abs=1e-2)
    assert attack[len(attack) // 2] == pytest.approx(0.5, abs=0.02)
    assert (np.diff(attack) > 0).all()
    decay = render(envelope, 100)
    assert (np.diff(decay)[1:] < 0).all()
    assert decay[-1] == pytest.approx(0.25, abs=1e-3)
    assert render(envelope, 200)[-1] == pytest.approx(0.25, abs=1e-6)
    assert not envelope.ended(0)


@pytest.mark.parametrize("release_ms", [5.0, 400.0])
def test_release_ends_in_its_time(release_ms):
    envelope = envelopes(release_ms=release_ms)
    envelope.start(0, 1.0)
    render(envelope, 50)
    envelope.release(0)
    tail = render(envelope, release_ms + 1)
    assert (np.diff(tail) <= 0).all()
    assert tail[-1] == 0.0
    assert envelope.ended(0)
    half = tail[round(release_ms / 2 * RATE / 1000)]
    assert 20 * np.log10(half) == pytest.approx(-30, abs=3)


def test_release_in_the_attack_starts_from_there():
    envelope = envelopes(attack_ms=100.0)
    envelope.start(0, 1.0)
    level = render(envelope, 30)[-1]
    envelope.release(0)
    assert render(envelope, 1)[0] == pytest.approx(level, rel=1e-2)


def test_no_sustain_ends_the_voice():
    envelope = envelopes(decay_ms=50.0, sustain=0.0)
    envelope.start(0, 1.0)
    assert render(envelope, 60)[-1] == 0.0
    assert envelope.ended(0)


def test_fade_is_short_and_smooth():
    envelope = envelopes()
    envelope.start(0, 1.0)
    render(envelope, 50)
    envelope.fade(0)
    tail = render(envelope, FADE_MS + 0.1)
    assert tail[-1] == 0.0
    assert envelope.ended(0)
    assert np.abs(np.diff(tail)).max() < 2 * 1000 / (FADE_MS * RATE)


def test_new_values_reach_a_held_note():
    envelope = envelopes()
    envelope.start(0, 1.0)
    render(envelope, 50)
    parameters = np.array([TABLE[param].default for param in Param])
    parameters[Param.SUSTAIN] = 0.5
    envelope.set_parameters(parameters)
    after = render(envelope, 1000)
    assert after[-1] == pytest.approx(0.5, abs=1e-3)
    assert np.abs(np.diff(after)).max() < 1e-2


def test_blocks_do_not_matter():
    whole, parts = envelopes(), envelopes()
    for envelope in (whole, parts):
        envelope.start(0, 0.7)
    expected = render(whole, 100)
    pieces = [np.zeros((1, size)) for size in (1, 63, 64, 1000, 472)]
    for piece in pieces:
        parts.render(SLOTS, piece)
    np.testing.assert_array_equal(np.concatenate(pieces, 1)[0], expected)


def test_velocity_curves():
    assert velocity_gain(127, 1.7) == 1.0
    assert velocity_gain(1, 0.0) == 1.0
    assert 20 * np.log10(velocity_gain(64, 1.0)) == pytest.approx(-11.9, abs=0.1)


def test_stealing_counts_an_attack_as_loud():
    envelope = Envelopes(RATE, 2)
    envelope.set_parameters(np.array([TABLE[param].default for param in Param]))
    envelope.start(0, 0.5)
    assert envelope.loudness() == [0.5, 0.0]
    assert envelope.level(0) == 0.0
