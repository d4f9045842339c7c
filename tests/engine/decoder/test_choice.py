"""Which decoder plays, by measurement: with stand-ins that take as long as they are told to."""

import json

import pytest

from common.errors import SynthError
from engine.decoder import choice
from engine.decoder.protocol import ANY_DECODER, DecoderChoice, Wish, rows_of_a_voice
from models.checkpoints import Checkpoint
from tests.fakes import FAKE_CONFIG, STEREO_CONFIG

VOICES = 8


class StandIn:
    """closed : of all that were made"""

    closed: list

    def __init__(self, precision, cores):
        self.precision, self.cores = precision, cores

    def close(self):
        self.closed.append((self.precision, self.cores))


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """asked(costs, ...) -> the choice; costs : microseconds by (precision, cores), each may be measured once."""
    StandIn.closed = []
    monkeypatch.setattr(choice.os, "cpu_count", lambda: 2)

    def ask(costs, precision="auto", cores=0, folder=tmp_path):
        lines = []
        monkeypatch.setattr(
            choice.speed, "step_us", lambda decoder, voices, cores: costs.pop((decoder.precision, decoder.cores))
        )
        wanted = DecoderChoice(precision=precision, cores=cores)
        wish = Wish(Checkpoint(FAKE_CONFIG, {}), VOICES, 0, wanted, 512, lines.append, lines.append)
        return choice.choose(StandIn, wish, "version", folder), lines

    return ask


def test_float32_on_one_core_where_that_is_enough(asked):
    chosen, lines = asked({("float32", 1): 40.0})
    assert chosen == ("float32", 1)
    assert lines == ["measuring how many voices this machine plays: float32 on 1 core"]
    assert StandIn.closed == [("float32", 1)]


def test_int8_before_a_second_core(asked):
    assert asked({("float32", 1): 60.0, ("int8", 1): 40.0})[0] == ("int8", 1)


def test_the_fastest_where_none_is_fast_enough(asked):
    costs = {("float32", 1): 400.0, ("int8", 1): 200.0, ("float32", 2): 210.0, ("int8", 2): 100.0}
    assert asked(costs)[0] == ("int8", 2)
    assert len(StandIn.closed) == 4


def test_a_network_that_not_even_one_voice_plays_in_time_is_told_each_time(asked):
    costs = {("float32", 1): 36000.0, ("int8", 1): 18000.0, ("float32", 2): 20000.0, ("int8", 2): 9000.0}
    line = (
        "this processor plays 8 voices of this network at 0.1 kHz, 16 are needed; "
        "`freeze` renders a pad in bulk, to be played anywhere"
    )
    for told in (asked(costs), asked({})):
        assert told[0] == ("int8", 2) and told[1][-1] == line


def test_what_was_asked_for_limits_the_choice(asked):
    assert asked({}, "float32", 1)[0] == ("float32", 1)
    assert asked({("int8", 1): 80.0, ("int8", 2): 40.0}, "int8")[0] == ("int8", 2)
    assert asked({("float32", 2): 80.0, ("int8", 2): 20.0}, cores=2)[0] == ("int8", 2)


def test_it_is_measured_once(asked):
    assert asked({("float32", 1): 60.0, ("int8", 1): 40.0})[0] == ("int8", 1)
    assert asked({}) == (("int8", 1), [])


@pytest.mark.parametrize("content", ["", "[1]", "{", json.dumps({"x": 3}), "[" * 100_000])
def test_a_damaged_memory_is_measured_anew(asked, tmp_path, content):
    (tmp_path / "speed.json").write_text(content)
    assert asked({("float32", 1): 40.0})[0] == ("float32", 1)
    assert asked({})[0] == ("float32", 1)


@pytest.mark.parametrize(
    "kept", [1, None, [], ["float32"], [["float32"], 1], {"float32": 1}, ["float32", 99], "float32"]
)
def test_a_memory_that_makes_no_sense_is_measured_anew(asked, tmp_path, kept):
    asked({("float32", 1): 40.0})
    (key,) = json.loads((tmp_path / "speed.json").read_text())
    (tmp_path / "speed.json").write_text(json.dumps({key: kept}))
    assert asked({("float32", 1): 40.0})[0] == ("float32", 1)


def test_a_memory_that_cannot_be_written_hinders_nothing(asked, tmp_path, monkeypatch):
    def full(path):
        raise SynthError(f"{path}: cannot be written (No space left on device)")

    monkeypatch.setattr("engine.decoder.memory.replacing", full)
    assert asked({("float32", 1): 40.0})[0] == ("float32", 1)


def test_where_nothing_can_be_kept_it_is_measured_each_time(asked, tmp_path):
    (tmp_path / "file").write_text("")
    for _ in range(2):
        assert asked({("float32", 1): 40.0}, folder=tmp_path / "file" / "below")[0] == ("float32", 1)


@pytest.fixture
def hold(monkeypatch, tmp_path):
    """hold(us, ...) -> (voices, choice) where 8 voices take so many microseconds; None: it must not be measured."""

    class Opened(StandIn):
        config = FAKE_CONFIG

    def ask(us, config=FAKE_CONFIG, asked=ANY_DECODER):
        rows = 8 * rows_of_a_voice(config)
        Opened.config = config
        monkeypatch.setattr(choice.speed, "step_us", lambda decoder, voices, cores: {rows: us}[voices])
        return choice.held(lambda: None if us is None else Opened("int8", 2), asked, f"{config}", 8, 32, tmp_path)

    StandIn.closed = []
    return ask


@pytest.mark.parametrize(
    ("us", "voices"), [(1.0, 32), (43.75 / 4, 32), (43.75 / 2, 16), (30.0, 11), (43.75, 8), (400.0, 8)]
)
@pytest.mark.parametrize("config", [FAKE_CONFIG, STEREO_CONFIG])
def test_as_many_voices_as_the_machine_holds(hold, us, voices, config):
    asked = DecoderChoice("cpu")
    chosen = DecoderChoice("cpu", "int8", 2) if voices > 8 else asked
    assert hold(us, config, asked) == (voices, chosen)
    assert StandIn.closed == [("int8", 2)]
    assert hold(None, config, asked) == (voices, chosen)  # it is remembered


@pytest.mark.parametrize("kept", [1, None, [], ["8", "int8", 2], [8, "int4", 2], {"voices": 8}, [8, "int8"]])
def test_a_memory_of_voices_that_makes_no_sense_is_measured_anew(hold, tmp_path, kept):
    hold(1.0)
    (key,) = json.loads((tmp_path / "speed.json").read_text())
    (tmp_path / "speed.json").write_text(json.dumps({key: kept}))
    assert hold(43.75 / 2)[0] == 16
