"""How loud presets are, and what makes them alike: with sines whose levels are known."""

from dataclasses import replace

import numpy as np
import pytest

from engine.offline import loudness
from engine.offline.loudness import RATE, SOFTEST_DB, TARGET_LUFS, WITHIN_DB, balanced, lufs, measure, table
from engine.voice.sound import Sound
from presets.preset import Preset
from tests.fakes import LOUD_CONFIG, STEREO_CONFIG, FakeDecoder, fake_preset, fake_sound


class Booming(FakeDecoder):
    """12 dB an octave louder below middle C, as a network may be below the notes that it was taught."""

    def render(self, slots, latents, f0_hz, temperature, uniforms, audio):
        super().render(slots, latents, f0_hz, temperature, uniforms, audio)
        audio *= np.maximum(261.63 / f0_hz, 1.0) ** 2


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(loudness, "HELD_S", 0.4)
    monkeypatch.setattr(loudness, "REST_S", 0.1)
    monkeypatch.setattr(loudness, "NOTES", (60, 72))


def preset(name="One", level_db=0.0, lowest=60):
    """Corners of four levels, stored at one key."""
    corners = [fake_sound(f"at {level}", 0.1, 0.1, LOUD_CONFIG, level_db - level) for level in (0, 3, 6, 9)]
    return Preset(name, tuple(replace(corner, pitches=(lowest,)) for corner in corners), pad=(0.3, 0.6))


def test_a_full_tone_has_the_loudness_that_the_standard_says():
    """BS.1770: a sine of 997 Hz, full scale in one channel, is -3.01; silence falls through the gate."""
    tone = np.sin(2 * np.pi * 997 * np.arange(2 * RATE) / RATE)
    assert lufs(np.stack([tone, 0 * tone], 1)) == pytest.approx(-3.01, abs=0.01)
    assert lufs(np.stack([tone, tone], 1) / 10) == pytest.approx(-20.0, abs=0.01)
    padded = np.pad(tone, (0, 4 * RATE))
    assert lufs(np.stack([padded, 0 * padded], 1)) == pytest.approx(-3.01, abs=0.4)  # a few blocks at its end
    assert lufs(np.zeros((RATE, 2))) == -70.0


def test_balanced_presets_are_equally_loud_and_their_low_keys_too():
    decoder = Booming(LOUD_CONFIG, 2)
    before = [measure(each, decoder) for each in (preset(), preset("Two", -8.0))]
    assert before[0].lufs - before[1].lufs == pytest.approx(8.0, abs=0.1) and max(before[0].low_db) > 2 * WITHIN_DB
    for each, raw in zip((preset(), preset("Two", -8.0)), before, strict=True):
        made = balanced(replace(each, parameters={"trim_db": 5.0, "low_key_db": -4.0}), decoder)  # as it was before
        after = measure(made, decoder)
        assert after.lufs == pytest.approx(TARGET_LUFS, abs=0.1) and max(after.low_db) <= WITHIN_DB + 0.5
        assert raw.soft_db == pytest.approx(40 * np.log10(20 / 127), abs=0.3)  # -32
        assert after.soft_db == pytest.approx(SOFTEST_DB, abs=0.3)
        Sound.from_preset(made, LOUD_CONFIG)  # its parameters are known and in their ranges


def test_low_keys_that_are_not_too_loud_stay():
    assert balanced(preset(), FakeDecoder(LOUD_CONFIG, 2)).parameters["low_key_db"] == 0.0


def test_the_table_has_a_row_each_and_the_spread():
    *_, one, two, spread = table([preset(), preset("Two", -6.0)], FakeDecoder(LOUD_CONFIG, 2))
    assert one.startswith("| One |") and two.startswith("| Two |") and "6.0 LU apart" in spread


def test_of_stereo_voices_the_sides_and_their_sum_are_told():
    noisy = fake_preset(config=STEREO_CONFIG, parameters={"temperature": 1.5}, pad=(1.0, 1.0))
    wide, narrow = (
        measure(replace(noisy, parameters=noisy.parameters | {"width": width}), FakeDecoder(STEREO_CONFIG, 2))
        for width in (1.0, 0.5)
    )
    assert -1.0 < wide.mono_db < narrow.mono_db < -0.1 and wide.lufs > narrow.lufs
    assert wide.side_db - narrow.side_db == pytest.approx(20 * np.log10(2), abs=0.1)
    flat = measure(preset(), FakeDecoder(LOUD_CONFIG, 2))
    assert flat.mono_db == pytest.approx(0.0, abs=1e-6) and flat.side_db < -30  # the gate
