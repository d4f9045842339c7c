"""What follows from a config."""

import pytest

from models.config import WaveNetConfig, tick_samples


def test_a_tick_is_a_power_of_two_near_4_ms():
    assert [tick_samples(rate) for rate in (8000, 16000, 22050, 32000, 48000)] == [32, 64, 64, 128, 256]


def test_the_harmonic_limit_is_close_to_nyquist_at_any_rate():
    assert WaveNetConfig().harmonic_limit_hz == 7600.0
    assert WaveNetConfig(rate=32000).harmonic_limit_hz == pytest.approx(15200.0)


def test_the_channels_of_motion_stand_between_timbre_and_loudness():
    config = WaveNetConfig(latent=9, harmonics=4, motion=True, loudness=True)
    assert config.timbre == 5
    assert list(range(config.latent))[config.moving] == [config.spread, config.deviation, config.stretch] == [5, 6, 7]
