"""OSC addresses as commands; whatever else comes is one line and no command."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import SynthError
from engine.commands import (
    ChannelPressure,
    ControlChange,
    LiftPad,
    LoadPreset,
    NoteOff,
    NoteOn,
    Panic,
    PitchBend,
    ProgramChange,
    SetEffect,
    SetPad,
    SetParameter,
    SetTempo,
)
from engine.parameters import Param
from engine.peers.addresses import commands_of
from tests.paths import ROOT

PORT = 15
FIRST = 240


@pytest.mark.parametrize(
    ("address", "arguments", "expected"),
    [
        ("note/on", (60, 99), [NoteOn(60, 99, FIRST)]),
        ("note/on", (60.2,), [NoteOn(60, 100, FIRST)]),
        ("note/on", (60, 99, 16), [NoteOn(60, 99, FIRST + 15)]),
        ("note/on", (60, 0), [NoteOff(60, FIRST)]),
        ("note/off", (60, 2), [NoteOff(60, FIRST + 1)]),
        ("control", (64, 127), [ControlChange(64, 127, FIRST)]),
        ("bend", (-1.0,), [PitchBend(-8192, FIRST)]),
        ("bend", (1.0,), [PitchBend(8191, FIRST)]),
        ("pressure", (0.5,), [ChannelPressure(64, FIRST)]),
        ("pad", (0.25, 1), [SetPad(0.25, 1.0)]),
        ("pad/x", (0.75,), [SetPad(0.75, 0.4)]),
        ("pad/y", (0.75,), [SetPad(0.3, 0.75)]),
        ("pad/touch", (0.25, 1), [SetPad(0.25, 1.0, touch=True)]),
        ("pad/lift", (), [LiftPad()]),
        ("pad/lift", (0,), [LiftPad()]),
        ("parameter/attack_ms", (20,), [SetParameter(Param.ATTACK_MS, 20.0)]),
        ("effect/3/cutoff_hz", (800.0,), [SetEffect(3, "cutoff_hz", 800.0)]),
        ("tempo", (98.5,), [SetTempo(98.5)]),
        ("preset", ("Glass",), [LoadPreset("Glass")]),
        ("program", (5, 2), [ControlChange(0, 2, FIRST), ProgramChange(5, FIRST)]),
        ("panic", (), [Panic()]),
        ("panic", (1,), [Panic()]),
    ],
)
def test_addresses(address, arguments, expected):
    assert list(commands_of(f"/manifold/{address}", arguments, (0.3, 0.4), PORT)) == expected


@pytest.mark.parametrize(
    ("address", "arguments"),
    [
        ("/other/pad", (0, 0)), ("/manifold/nix", ()), ("/manifold/pad", (0.5,)), ("/manifold/pad", (2, 0)),
        ("/manifold/pad/z", (0.5,)), ("/manifold/note/on", ()), ("/manifold/note/on", (128,)),
        ("/manifold/note/on", ("c4",)), ("/manifold/note/on", (60, 99, 17)), ("/manifold/parameter/nix", (1,)),
        ("/manifold/parameter/attack_ms", (-1,)), ("/manifold/parameter/", (1,)), ("/manifold/tempo", (float("nan"),)),
        ("/manifold/effect/x/wet", (1,)), ("/manifold/effect/1", (1,)), ("/manifold/preset", (3,)),
        ("/manifold/tempo", (float("inf"),)), ("/manifold/note/on", (float("inf"),)),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_one_line(address, arguments):
    with pytest.raises(SynthError, match="OSC: "):
        commands_of(address, arguments, (0.3, 0.4), PORT)


value = st.one_of(st.integers(), st.floats(), st.text(max_size=5), st.binary(max_size=5), st.none(), st.booleans())
WORDS = (
    "note",
    "on",
    "off",
    "pad",
    "x",
    "parameter",
    "gain_db",
    "effect",
    "1",
    "wet",
    "tempo",
    "preset",
    "bend",
    "nix",
)
part = st.sampled_from(WORDS)


@given(st.lists(part, max_size=4), st.lists(value, max_size=4))
def test_any_message_is_a_command_or_a_line(parts, arguments):
    try:
        commands_of("/manifold/" + "/".join(parts), arguments, (0.3, 0.4), PORT)
    except SynthError as error:
        assert str(error).startswith("OSC: ")


def test_the_document_tells_every_address():
    from engine.peers import addresses

    document = (ROOT / "docs" / "hosts.md").read_text()
    told = [line.split()[0] for line in addresses.__doc__.splitlines() if line.strip().startswith("/manifold/")]
    assert len(told) > 10 and not [address for address in told if address.rstrip(",") not in document]
