"""The one place that opens decoders: by name, by what plays the kind of model, and one line for a new one."""

import numpy as np
import pytest

from common.errors import ModelError
from engine.decoder import opening
from engine.decoder.cpu.decoder import CpuDecoder
from engine.decoder.opening import BACKENDS, Backend, open_decoder
from engine.decoder.protocol import DecoderChoice
from engine.live.server import open_weights
from engine.protocol import Options
from models.checkpoints import Checkpoint
from models.checkpoints.source import DEFAULT_SOURCE, Source
from tests.engine.decoder.networks import CONFIGS, random_weights
from tests.fakes import FakeDecoder

CHECKPOINT = Checkpoint(CONFIGS["paper"], random_weights(CONFIGS["paper"]), {})


def open_sines(wish):
    """The dummy backend."""
    wish.tell("tuning the sines")
    return FakeDecoder(voices=wish.voices + wish.spare)


@pytest.fixture
def sines(monkeypatch):
    monkeypatch.setitem(BACKENDS, "sines", Backend(open_sines))


def test_a_backend_is_one_line_and_plays_live(sines):
    told = []
    options = Options(decoder=DecoderChoice("sines"), polyphony=3)
    opened = open_weights(DEFAULT_SOURCE, options, told.append)
    assert isinstance(opened.decoder, FakeDecoder) and opened.decoder.voices > 3 and told == ["tuning the sines"]
    audio = np.zeros((1, 64), np.float32)
    opened.decoder.render(
        np.array([0]), np.full((1, 4), 0.5, np.float32), np.full((1, 64), 440, np.float32), np.zeros(1, np.float32),
        np.zeros((1, 64), np.float32), audio,
    )  # fmt: skip
    assert np.abs(audio).max() > 0.1


def test_auto_is_the_first_that_plays_the_kind(sines, monkeypatch):
    assert isinstance(open_decoder(CHECKPOINT, 1, DecoderChoice("auto", "float32", 1)), CpuDecoder)
    monkeypatch.setitem(BACKENDS, "cpu", Backend(BACKENDS["cpu"].open, kinds=("another",)))
    assert isinstance(open_decoder(CHECKPOINT, 1, DecoderChoice("auto"), tell=lambda line: None), FakeDecoder)
    monkeypatch.delitem(BACKENDS, "sines")
    with pytest.raises(ModelError, match="no decoder plays a model of kind 'wavenet'"):
        open_decoder(CHECKPOINT, 1)


def test_a_backend_that_is_not_there_or_does_not_play_it_is_one_line(monkeypatch):
    with pytest.raises(ModelError, match="no decoder 'abacus'; known are gpu, cpu, frozen, baseline and auto"):
        open_decoder(CHECKPOINT, 1, DecoderChoice("abacus"))
    monkeypatch.setitem(BACKENDS, "cpu", Backend(BACKENDS["cpu"].open, kinds=("another",)))
    with pytest.raises(ModelError, match="'cpu' does not play a model of kind 'wavenet'"):
        open_decoder(CHECKPOINT, 1, DecoderChoice("cpu"))


def test_ranges_that_travel_with_the_weights_are_used(monkeypatch):
    monkeypatch.setattr("engine.decoder.cpu.opening.measure_ranges", None)
    config, weights = CHECKPOINT.network
    ranged = Checkpoint(config, weights, {"int8.ranges": np.full(config.layers, 3, np.float32)})
    open_decoder(ranged, 1, DecoderChoice("cpu", "int8", 1))


def test_weights_are_named_by_their_fingerprint(small_checkpoint):
    opened = open_weights(Source(str(small_checkpoint)), Options(decoder=DecoderChoice("cpu", "float32", 1)), print)
    assert len(opened.model) == 16 and opened.decoder.config.hop == 512


def test_the_default_block_is_long_enough_for_a_tick():
    assert opening.BLOCK >= 64
