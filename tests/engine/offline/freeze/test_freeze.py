"""A pad frozen from sines, beside the decoder that it was recorded from: the same at grid points, close in between."""

from dataclasses import replace

import numpy as np
import pytest

from engine.commands import SetPad
from engine.decoder.frozen.decoder import FrozenDecoder
from engine.offline.takes import Take, play
from engine.voice.sound import Sound
from tests.engine import playing
from tests.engine.pads import frozen, frozen_synth
from tests.fakes import FAKE_CONFIG, FakeDecoder, fake_preset

RATE = FAKE_CONFIG.rate
KEYS = (57, 69)
HELD_S, TAIL_S = 10.0, 0.5


@pytest.fixture(scope="module")
def pad():
    return frozen(fake_preset(), FakeDecoder(voices=18), 3, KEYS)


def heard(pad, places, keys=KEYS, held_s=HELD_S):
    """[(live, frozen)] of one note at each place and key, float32 (samples,)."""
    preset, config, weights = pad
    sounds = [(Sound.from_preset(fake_preset(), FAKE_CONFIG), FakeDecoder(voices=8))]
    sounds += [(Sound.from_preset(preset, config), FrozenDecoder(config, weights, 8))]
    return list(
        zip(
            *(
                play(
                    [Take(replace(sound, pad=place), key, 100, held_s, TAIL_S) for key in keys for place in places],
                    decoder,
                )
                for sound, decoder in sounds
            ),
            strict=True,
        )
    )


def level_db(audio):
    return 10 * np.log10((audio.astype(np.float64) ** 2).mean() + 1e-12)


def part(audio, start_s, end_s):
    return audio[round(start_s * RATE) : round(end_s * RATE)]


def test_at_grid_points_the_recording_is_the_note_to_its_quantisation(pad):
    for live, frozen_ in heard(pad, [(0, 0), (1, 0), (0.5, 0.5), (1, 0.5)], held_s=0.4):
        before_loop = part(live - frozen_, 0, 0.35)
        assert np.abs(before_loop).max() < 2**-14 * np.abs(live).max()  # int16, of a peak up to twice the note's


def test_in_between_it_is_in_tune_and_as_loud_held_for_ten_seconds_and_released(pad):
    for live, frozen_ in heard(pad, [(0.2, 0.8), (0.7, 0.3)], KEYS[:1]):
        for start, end in ((0.1, 0.5), (1, 4), (5, 9.9), (10.05, 10.1)):
            assert level_db(part(frozen_, start, end)) == pytest.approx(level_db(part(live, start, end)), abs=1)
        pitches = [playing.frequency(part(audio, 4, 9)[:, None], RATE) for audio in (live, frozen_)]
        assert abs(playing.cents(*pitches)) < 0.5
        assert playing.level_db(frozen_[-round(0.1 * RATE) :]) < -80


def test_nothing_clicks_held_released_and_while_the_pad_moves(pad):
    synth = frozen_synth(pad)
    moves = [(1 + 0.1 * step, SetPad(step % 7 / 6, step % 5 / 4)) for step in range(30)]
    audio = playing.play(synth, 6, *playing.note(0.1, 5, number=57), *moves, rate=RATE)
    assert playing.level_db(audio) > -20
    assert playing.click_db(audio, RATE) < -66
