"""The SFZ of a pad frozen from sines, played by sfizz: in tune, looped without a click, morphed by two controllers."""

import numpy as np
import pytest
import soundfile
from pysfizz import Synth

from synthapp.sounds.sfz import PAD_X, PAD_Y, write_sfz
from tests.engine import playing
from tests.engine.pads import frozen
from tests.fakes import FakeDecoder, fake_preset

RATE, BLOCK = 48000, 512
KEYS = (57, 64, 69)


@pytest.fixture(scope="module")
def sfz(tmp_path_factory):
    preset, config, weights = frozen(fake_preset(), FakeDecoder(voices=27), 3, KEYS)
    return write_sfz(preset, config, weights, tmp_path_factory.mktemp("sfz"))


def play(sfz, key, seconds, x=0, y=0):
    """float64 (samples, 1): a held note at a place, controllers 0 to 127."""
    synth = Synth(RATE, BLOCK)
    assert synth.load_sfz_file(sfz)
    sampler = synth._synth  # its controllers are not offered otherwise
    sampler.cc(0, PAD_X, x)
    sampler.cc(0, PAD_Y, y)
    sampler.note_on(0, key, 127)
    return np.concatenate([sampler.render_block()[0] for _ in range(round(seconds * RATE / BLOCK))])[:, None]


def amplitude(audio, hz):
    """Of one partial, relative to full scale."""
    window = np.hanning(len(audio))
    turns = np.exp(-2j * np.pi * hz * np.arange(len(audio)) / RATE)
    return abs((audio[:, 0] * turns) @ window) * 2 / window.sum()


@pytest.mark.parametrize("key", [50, 57, 60, 66, 69, 75])
def test_every_key_is_in_tune_and_goes_round_without_a_click(sfz, key):
    audio = play(sfz, key, 4)
    wanted = 440 * 2 ** ((key - 69) / 12)
    for start in (0.5, 2):
        heard = playing.frequency(audio[round(start * RATE) : round((start + 2) * RATE)])
        assert abs(playing.cents(heard, wanted)) < 1
    past_onset = audio * np.minimum(np.arange(len(audio)) / (0.1 * RATE), 1)[:, None] ** 4
    assert playing.click_db(past_onset) < playing.level_db(audio) - 65


def test_the_controllers_are_the_pad(sfz):
    """Bottom left is the fundamental, bottom right the octave, top right a quiet fundamental."""
    corner = amplitude(play(sfz, 57, 1), 220)
    for x, y, fundamental, octave in ((127, 0, 0.0, 1.0), (64, 0, 0.5, 0.5), (127, 127, 0.2, 0.0)):
        audio = play(sfz, 57, 1, x, y)
        assert amplitude(audio, 220) / corner == pytest.approx(fundamental, abs=0.03)
        assert amplitude(audio, 440) / corner == pytest.approx(octave, abs=0.03)


def test_the_recordings_stay_below_full_scale_and_have_plain_names(sfz):
    paths = sorted((sfz.parent / "samples").glob("*.wav"))
    assert len(paths) == 27 and paths[0].name == "Fake frozen 057-0-0.wav"
    assert all(0.05 < np.abs(soundfile.read(path)[0]).max() < 1 for path in paths)
