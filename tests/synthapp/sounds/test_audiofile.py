"""Sound files as they are found: whatever lies in them, what is read is what one would hear."""

import os

import numpy as np
import pytest
import soundfile
import soxr

from common.errors import ModelError
from synthapp.sounds.audiofile import read_audio, spooled_audio
from tests.mutants import mutate
from tests.paths import FIXTURES

RATE = 16000
CASES = FIXTURES / "cases"


def tone(seconds=1.0, rate=44100, late_s=0.0, f0_hz=220.0):
    t = np.arange(round(seconds * rate)) / rate - late_s
    return 0.2 * sum(np.sin(2 * np.pi * k * f0_hz * t) / k for k in range(1, 8))


def level(audio):
    return np.sqrt((audio[len(audio) // 4 : -len(audio) // 4] ** 2).mean())


@pytest.fixture
def write(tmp_path):
    def call(*channels, rate=44100, name="in.wav"):
        soundfile.write(tmp_path / name, np.stack(channels, 1), rate, subtype="FLOAT")
        return tmp_path / name

    return call


@pytest.mark.parametrize("late_ms", [0.4, 1.0, 5.0, 12.0])
def test_of_shifted_sides_the_louder_is_taken(write, late_ms):
    clip = read_audio(write(0.8 * tone(), tone(late_s=late_ms / 1000)), 44100)
    assert "the right one is taken" in clip.told
    assert level(clip.audio) == pytest.approx(level(tone()), rel=0.01)


def test_of_sides_that_cancel_the_louder_is_taken(write):
    assert "the left one is taken" in read_audio(CASES / "s01_sides_opposite.wav", RATE).told
    clip = read_audio(write(tone(), -0.9 * tone()), 44100)
    assert "the left one is taken" in clip.told and level(clip.audio) == pytest.approx(level(tone()), rel=0.01)
    assert "channel 3" in read_audio(write(tone(), -tone(), 1.1 * tone(), -tone()), RATE).told


@pytest.mark.parametrize("right", [1.0, 0.3, 0.0])
def test_sides_that_agree_are_averaged_without_a_word(write, right):
    clip = read_audio(write(tone(), right * tone()), 44100)
    assert clip.told == ""
    np.testing.assert_allclose(clip.audio, (1 + right) / 2 * tone(), atol=1e-6)


def test_read_in_pieces_it_is_as_if_read_at_once(write, monkeypatch):
    audio = tone(2.0) + 0.1
    path = write(audio)
    whole = read_audio(path, RATE).audio
    np.testing.assert_allclose(whole, soxr.resample(audio - audio.mean(), 44100, RATE, "VHQ") + audio.mean(), atol=1e-6)
    monkeypatch.setattr("synthapp.sounds.audiofile.BLOCK_SAMPLES", 1000)
    np.testing.assert_allclose(read_audio(path, RATE).audio[800:-800], whole[800:-800], atol=1e-4)


@pytest.mark.parametrize("rate", [RATE, 44100])
def test_what_waits_on_the_disk_is_what_is_read(write, rate):
    path = write(tone(3.0), -0.9 * tone(3.0))
    audio = read_audio(path, rate).audio
    with spooled_audio(path, rate) as spooled:
        assert len(spooled) == len(audio)
        for part in (slice(0, 500), slice(499, 40000), slice(len(audio) - 7, len(audio) + 100), slice(9, 9)):
            np.testing.assert_array_equal(spooled[part], audio[part])


@pytest.mark.parametrize("noise_db", [-200, -70])
def test_long_silence_before_the_sound_is_skipped(write, noise_db):
    audio = np.concatenate([np.zeros(60 * 8000), tone(2.0, 8000), np.zeros(70 * 8000)])
    audio[9 * 8000] = 0.9  # a click
    audio += 10 ** (noise_db / 20) * np.random.default_rng(1).standard_normal(len(audio))
    clip = read_audio(write(audio, rate=8000), 8000, seconds=60.0)
    assert clip.start_s == pytest.approx(50.0, abs=0.2) and clip.goes_on and len(clip.audio) == 60 * 8000
    assert level(clip.audio[10 * 8000 : 12 * 8000]) == pytest.approx(level(tone(2.0, 8000)), rel=0.01)


def test_the_beginning_of_what_sounds_at_once_is_read(write):
    clip = read_audio(write(tone(90.0, 8000), rate=8000), 8000, seconds=60.0)
    assert clip.start_s == 0.0 and clip.goes_on and len(clip.audio) == 60 * 8000


def test_what_is_named_as_headerless_is_read_if_it_has_a_header(write, tmp_path):
    write(tone()).rename(tmp_path / "in.raw")
    assert len(read_audio(tmp_path / "in.raw", 44100).audio) == 44100
    with pytest.raises(ModelError, match="s03_headerless.raw: headerless.*export it as WAV"):
        read_audio(CASES / "s03_headerless.raw", RATE)


def test_a_name_that_is_not_utf8_is_a_name(write, tmp_path):
    path = tmp_path / os.fsdecode(b"gr\xfc\xdfe.wav")
    os.rename(os.fsencode(write(tone())), os.fsencode(path))
    assert len(read_audio(path, 44100).audio) == 44100


@pytest.mark.parametrize("wrong", [np.nan, -np.inf, 3e38])
@pytest.mark.filterwarnings("error")
def test_samples_that_are_none_are_refused_without_a_warning(write, wrong):
    audio = tone()
    audio[20_000] = wrong
    for channels in ((audio,), (audio, audio)):
        with pytest.raises(ModelError, match="samples that are not finite"):
            read_audio(write(*channels), RATE, seconds=0.7)


@pytest.mark.parametrize(("name", "subtype"), [("in.wav", "PCM_16"), ("in.wav", "FLOAT"), ("in.flac", "PCM_16")])
@pytest.mark.parametrize("count", [100, pytest.param(333_334, marks=pytest.mark.long)])
def test_mutants_are_read_or_refused(memory_folder, name, subtype, count):
    """R6: what is read is sound."""
    path, chance, read = memory_folder / name, np.random.default_rng(9), 0
    soundfile.write(path, np.stack([tone(0.02), tone(0.02)], 1), 44100, subtype=subtype)
    content = path.read_bytes()
    for _ in range(count):
        path.write_bytes(mutate(content, 60, chance))
        try:
            clip = read_audio(path, RATE, 60.0)
        except ModelError as error:
            assert str(error).isprintable()
            continue
        read += 1
        assert len(clip.audio) and np.isfinite(clip.audio).all()
    assert count / 20 < read < count
