"""A factory preset frozen, beside the default instrument that plays it live."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import signal

from common.pitch import key_hz
from engine.decoder.frozen.decoder import FrozenDecoder
from engine.decoder.opening import open_decoder
from engine.offline.takes import Take, play
from engine.voice.sound import Sound
from models import checkpoints
from models.checkpoints.source import DEFAULT_SOURCE
from presets.file import read_preset
from presets.library import FACTORY
from tests.engine import playing
from tests.engine.pads import frozen

KEYS, BETWEEN_KEYS = (60, 64), 62
HELD_S, TAIL_S = 10.0, 0.5
AROUND_S = 0.02  # a loop's end
SILENT_DB = -90.0
BETWEEN = ((0.125, 0.125), (0.6, 0.2), (0.9, 0.9))


class Pair:
    """One factory preset, live and frozen at KEYS."""

    def __init__(self, name, side):
        checkpoint, preset = checkpoints.read(DEFAULT_SOURCE), read_preset(FACTORY / f"{name}.manifold")
        self.rate = checkpoint.config.rate
        live = open_decoder(checkpoint, len(KEYS) * side**2)
        again, config, weights = frozen(preset, live, side, KEYS)
        self._loops = weights["loops"] / self.rate
        self._players = [(Sound.from_preset(preset, checkpoint.config), live)]
        self._players += [(Sound.from_preset(again, config), FrozenDecoder(config, weights, 16))]

    def play(self, places, key=KEYS[0], held_s=HELD_S):
        """[(live, frozen)] of a note at each place, float32 (samples,)."""
        takes = (
            play([Take(replace(sound, pad=place), key, 100, held_s, TAIL_S) for place in places], decoder)
            for sound, decoder in self._players
        )
        return list(zip(*takes, strict=True))

    def loop_s(self, key):
        """(start, end) of what is read for a key, as it is heard; the higher of two recordings that are as near."""
        row = min(range(len(KEYS)), key=lambda row: (abs(KEYS[row] - key), -row))
        return self._loops[row] * key_hz(KEYS[row]) / key_hz(key)

    def part(self, audio, start_s, end_s):
        return audio[round(start_s * self.rate) : round(end_s * self.rate)].astype(np.float64)

    def fundamental_hz(self, audio, key):
        """By the strongest partial."""
        partial_hz = playing.frequency(audio[:, None], self.rate)
        return partial_hz / round(partial_hz / key_hz(key))


def level_db(audio):
    return 10 * np.log10((audio**2).mean() + 1e-15)


def check_grid_point(pair, place):
    """The first note of a synth is the one that was recorded."""
    ((live, again),) = pair.play([place], held_s=1.0)
    until = 0.95
    live, error = pair.part(live, 0, until), pair.part(live - again, 0, until)
    assert level_db(error) < level_db(live) - 82


def check_between(pair, places, key):
    for live, again in pair.play(places, key):
        for start, end in ((0.1, 0.4), (0.5, 1.5), (2, 4), (6, 9.95), (10, 10.5)):
            wanted = level_db(pair.part(live, start, end))
            heard = level_db(pair.part(again, start, end))
            assert heard == pytest.approx(wanted, abs=1) or max(heard, wanted) < SILENT_DB, (start, end)
        check_loop(again, pair.rate, *pair.loop_s(key))
        assert abs(playing.cents(*(pair.fundamental_hz(pair.part(audio, 4, 9), key) for audio in (live, again)))) < 5


def check_loop(again, rate, start, end):
    """Above the music, no moment around a loop's end stands out among those in between."""
    high = signal.sosfilt(signal.butter(6, 0.8, "high", output="sos"), again)
    window = round(0.005 * rate)
    peaks = np.abs(high[: len(high) // window * window]).reshape(-1, window).max(1)
    ends = np.arange(end, HELD_S - AROUND_S, end - start)
    times = (np.arange(len(peaks)) + 0.5) * window / rate
    near = (np.abs(times[:, None] - ends) < AROUND_S).any(1)
    rest = ~near & (times > start) & (times < HELD_S - AROUND_S)
    assert len(ends) >= 2 and 20 * np.log10(peaks[near].max() / peaks[rest].max()) < 3


@pytest.mark.slow
def test_brass_rise_at_nine_points():
    pair = Pair("Brass Rise", 3)
    check_grid_point(pair, (0.5, 1.0))
    check_between(pair, BETWEEN[:2], BETWEEN_KEYS)


@pytest.mark.long
@pytest.mark.parametrize("name", ["First Light", "Chamber Strings", "Double Reeds"])
def test_more_presets_at_twenty_five_points(name):
    pair = Pair(name, 5)
    for place in ((0.25, 0.75), (0.5, 0.5), (1.0, 0.0)):
        check_grid_point(pair, place)
    check_between(pair, BETWEEN, KEYS[0])
