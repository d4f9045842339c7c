"""The live spectrum is a constant-Q transform, whatever the blocks in which the sound comes."""

import numpy as np
import pytest

from synthapp.sight.spectrum import BIN_HZ, BINS, PER_OCTAVE, SILENT_DB, Spectrum, peaks


def sines(rate, partials, seconds=1.0):
    """float32 (frames, 2). partials : {Hz: amplitude}"""
    time = np.arange(round(rate * seconds)) / rate
    mono = sum(level * np.sin(2 * np.pi * hz * time) for hz, level in partials.items())
    return np.stack([mono, mono], 1).astype(np.float32)


@pytest.mark.parametrize("rate", [16000, 44100, 48000, 96000])
def test_a_chord_is_found_at_any_rate(rate):
    partials = {98.0: 0.25, 441.0: 0.5, 1318.5: 0.1}
    columns = Spectrum(rate).add(sines(rate, partials))
    level_db, hz = columns.levels_db[-1], columns.hz[-1]
    assert peaks(level_db, hz) == pytest.approx([441.0, 98.0, 1318.5], rel=2e-4)
    for partial, amplitude in partials.items():
        nearest = np.argmin(np.abs(BIN_HZ - partial))
        assert level_db[nearest] == pytest.approx(
            20 * np.log10(amplitude), abs=0.9
        )  # a quarter of a bin off its middle
    assert len(columns) == 32 and peaks(np.full(BINS, SILENT_DB), hz) == []


def test_the_blocks_make_no_difference():
    rng = np.random.default_rng(5)
    audio = rng.standard_normal((24000, 2)).astype(np.float32)
    whole = Spectrum(48000).add(audio)
    parts, spectrum, start = [], Spectrum(48000), 0
    while start < len(audio):
        count = int(rng.integers(0, 3000))
        parts.append(spectrum.add(audio[start : start + count]))
        start += count
    assert sum(map(len, parts)) == len(whole) > 20
    together = np.concatenate([part.levels_db for part in parts])
    assert np.allclose(together, whole.levels_db, atol=0.01)
    turns = np.concatenate([part.turns for part in parts])
    assert np.abs((turns - whole.turns + 1) % 2 - 1).max() < 0.01


def test_a_column_is_what_the_definition_says():
    rng = np.random.default_rng(8)
    audio = rng.standard_normal((4096, 2)).astype(np.float32)
    column = Spectrum(16000).add(audio).levels_db[-1]
    time, quality = np.arange(-2048, 2048), 0.8 / (2 ** (1 / PER_OCTAVE) - 1)
    for hz, level_db in zip(BIN_HZ[::13], column[::13], strict=True):
        half = min(quality * 16000 / hz, 4096) / 2
        window = np.where(np.abs(time) < half, 1 + np.cos(np.pi * time / half), 0)
        value = 2 / window.sum() * np.sum(window * audio.mean(1) * np.exp(-2j * np.pi * hz / 16000 * time))
        assert level_db == pytest.approx(20 * np.log10(np.abs(value)), abs=0.5)
