"""What moves pad and parameters while notes sound: controllers, pressure, strokes, LFOs and paths (behaviour 6, 11)."""

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.commands import (
    ChannelPressure,
    ControlChange,
    NoteOff,
    NoteOn,
    PitchBend,
    PolyPressure,
    SetEffect,
    SetMovement,
    SetPad,
    SetParameter,
    SetRoutes,
)
from engine.effects.table import chain_of
from engine.parameters import TABLE, Param
from presets.effects import Slot
from presets.movement import USUAL, Lfo, Movement, Path, Route
from tests.engine.playing import RATE, level_db, make_synth, play

TICK_S = 0.004


def places(synth):
    return {voice.note: voice.place for voice in synth.sounding()}


def travelled(synth, seconds, note=60):
    """float64 (ticks, 2): where the note's voice stands, tick by tick."""
    ways = []
    for _ in range(round(seconds / TICK_S)):
        synth.advance()
        ways.append(places(synth)[note])
    return np.array(ways)


def moving(*routes, **fields):
    return make_synth(movement=Movement(routes=routes, **fields), pad=(0.5, 0.5))


def test_wheel_and_cc74_move_the_pad_from_their_first_message_on():
    synth = make_synth(pad=(0.25, 0.75))
    play(synth, 0.2, (0.0, NoteOn(60, 100)))
    assert synth.pad == (0.25, 0.75)
    play(synth, 0.2, (0.0, ControlChange(1, 127)), (0.0, ControlChange(74, 0)))
    assert synth.pad == (1.0, 0.0)
    assert synth.steering.turned == {"pad_x": 1.0, "pad_y": 0.0}


@pytest.mark.parametrize(("control", "rest"), [(1, 0), (74, 64)])
def test_a_controller_that_says_first_that_it_rests_moves_nothing(control, rest):
    """Songs and keyboards begin like that."""
    synth = make_synth(pad=(0.3, 0.3))
    play(synth, 0.2, (0.0, ControlChange(control, rest)))
    assert synth.pad == (0.3, 0.3)
    play(synth, 0.2, (0.0, ControlChange(control, 100)), (0.1, ControlChange(control, rest)))
    assert synth.pad[control == 74] == pytest.approx(rest / 127)


def test_reset_controllers_puts_the_pad_back():
    synth = make_synth(pad=(0.3, 0.3))
    play(synth, 0.2, (0.0, ControlChange(1, 100)))
    play(synth, 0.2, (0.0, ControlChange(121, 0)))
    assert synth.pad == (0.3, 0.3)


def test_without_mapping_nothing_but_hands_moves_anything():
    synth = make_synth(mapping=False, movement=Movement(routes=(Route("velocity", "pad_x"),)))
    play(synth, 0.2, (0.0, SetRoutes(USUAL)), (0.0, NoteOn(60, 127)), (0.0, ControlChange(1, 127)))
    play(synth, 0.2, (0.0, ChannelPressure(127)), (0.0, ControlChange(74, 127)))
    assert (synth.pad, places(synth)[60]) == ((0.0, 0.0), (0.0, 0.0))


def test_fourteen_bits():
    synth = make_synth(pad=(0.3, 0.3))
    play(synth, 0.3, (0.0, ControlChange(1, 64)), (0.1, ControlChange(33, 64)))
    assert synth.pad[0] == pytest.approx((64 << 7 | 64) / 16383)
    play(synth, 0.2, (0.0, ControlChange(1, 65)))
    assert synth.pad[0] == pytest.approx((65 << 7) / 16383)


@pytest.mark.parametrize("event", [ChannelPressure(127), PolyPressure(60, 127)], ids=str)
def test_pressure_leads_a_note_to_the_middle_and_back(event):
    synth = make_synth(pad=(0.0, 1.0))
    play(synth, 0.2, (0.0, NoteOn(60, 100)), (0.0, event))
    assert places(synth)[60] == pytest.approx((0.5, 0.5), abs=1e-3)
    assert synth.pad == (0.0, 1.0)
    play(
        synth,
        0.2,
        (0.0, msgspec.structs.replace(event, value=0)),
    )
    assert places(synth)[60] == (0.0, 1.0)


def test_velocity_and_key_give_every_note_its_place():
    synth = moving(Route("velocity", "pad_x", depth=0.5), Route("key", "pad_y", depth=-0.5))
    play(synth, 0.1, (0.0, NoteOn(60, 127)), (0.0, NoteOn(84, 64)))
    assert places(synth) == {60: pytest.approx((1.0, 0.5)), 84: pytest.approx((0.5 + 32 / 127, 0.25))}


def test_release_velocity_moves_what_rings_on():
    synth = moving(Route("release", "pad_x", depth=0.5))
    play(synth, 0.1, (0.0, NoteOn(60, 127)), (0.05, NoteOff(60, velocity=127)))
    assert places(synth)[60][0] > 0.9


def test_a_curve_bends_the_way():
    for curve, wanted in ((0.5, 0.25), (-0.5, 0.5**0.5)):
        synth = moving(Route("cc20", "pad_x", curve=curve, sets=True))
        play(synth, 0.3, (0.0, ControlChange(20, 64)))
        assert synth.pad[0] == pytest.approx(wanted, abs=0.01)


def test_a_controller_turns_a_parameter_along_its_knobs_way():
    synth = moving(Route("cc20", "release_ms", sets=True), Route("cc21", "gain_db", depth=-1.0, sets=True))
    play(synth, 0.1, (0.0, ControlChange(20, 127)), (0.0, ControlChange(21, 127)))
    assert synth.steering.turned == {"release_ms": pytest.approx(10000.0), "gain_db": -60.0}


def test_soft_take_over():
    synth = moving(Route("cc20", "sustain", sets=True, take_over=True))
    stands = synth.steering.parameters
    play(synth, 0.1, (0.0, ControlChange(20, 20)))
    assert stands[Param.SUSTAIN] == 1.0  # the knob is far below
    play(synth, 0.1, (0.0, ControlChange(20, 126)), (0.0, ControlChange(20, 60)))
    assert stands[Param.SUSTAIN] == pytest.approx(60 / 127)
    play(synth, 0.1, (0.0, SetParameter(Param.SUSTAIN, 0.2)), (0.0, ControlChange(20, 61)))
    assert stands[Param.SUSTAIN] == 0.2  # a hand has moved it meanwhile
    play(synth, 0.1, (0.0, ControlChange(20, 10)), (0.0, ControlChange(20, 12)))
    assert stands[Param.SUSTAIN] == pytest.approx(12 / 127)  # it has passed the place


def test_a_hand_takes_the_pad_from_a_controller():
    synth = make_synth()
    play(synth, 0.1, (0.0, ControlChange(1, 100)), (0.0, SetPad(0.2, 0.1)))
    assert synth.steering.turned == {}
    play(synth, 0.1)
    assert synth.pad == (0.2, 0.1)


def test_an_lfo_moves_a_parameter_and_leaves_it_where_it_was():
    synth = moving(Route("lfo1", "gain_db", depth=0.25), lfos=(Lfo(rate_hz=2.0),))
    play(synth, 0.1, (0.0, NoteOn(60, 127)))
    gains = []
    for _ in range(250):
        synth.advance()
        gains.append(synth.steering.parameters[Param.GAIN_DB])
    row = TABLE[Param.GAIN_DB]
    assert max(gains) == pytest.approx(12.0)  # the end of its range
    assert min(gains) == pytest.approx(-0.25 * (row.maximum - row.minimum), abs=0.5)
    play(synth, 0.2, (0.0, SetMovement(Movement())))
    assert synth.steering.parameters[Param.GAIN_DB] == 0.0


@pytest.mark.parametrize("shape", ["sine", "triangle", "saw", "square", "random"])
def test_an_orbit_goes_round(shape):
    lfos = Lfo(rate_hz=1.0, shape=shape), Lfo(rate_hz=1.0, shape=shape, phase=0.25)
    synth = moving(Route("lfo1", "pad_x", depth=0.3), Route("lfo2", "pad_y", depth=0.3), lfos=lfos)
    play(synth, 0.1, (0.0, NoteOn(60, 100)))
    way = travelled(synth, 2.0) - 0.5
    np.testing.assert_allclose(way[:250], way[250:], atol=0.35 if shape == "random" else 0.03)
    assert np.abs(way).max() < 0.301
    if shape == "sine":
        np.testing.assert_allclose(np.hypot(*way.T), 0.3, atol=0.01)


def test_each_note_has_its_own_phase():
    synth = moving(Route("lfo1", "pad_x", depth=0.4), lfos=(Lfo(rate_hz=1.0, per_note=True, spread=0.5),))
    play(synth, 0.1, (0.0, NoteOn(60, 100)), (0.0, NoteOn(64, 100)))
    first, second = (places(synth)[note][0] - 0.5 for note in (60, 64))
    assert first == pytest.approx(-second, abs=1e-3)
    assert abs(first) > 0.1


def test_an_lfo_in_beats_follows_the_tempo():
    synth = moving(Route("lfo1", "pad_x", depth=0.5), lfos=(Lfo(beats=2.0, shape="saw"),))
    play(synth, 0.1, (0.0, NoteOn(60, 100)))
    way = travelled(synth, 1.0)[:, 0]  # 120 beats a minute: one cycle
    assert np.diff(way).max() == pytest.approx(1 / 250, rel=0.1)


def test_a_journey_is_travelled_by_each_note():
    journey = Path(((0.0, 0.2, 0.2), (0.2, 1.0, 0.2), (0.4, 1.0, 1.0)), per_note=True)
    synth = make_synth(pad=(0.2, 0.2), movement=Movement(path=journey))
    play(synth, 0.3, (0.0, NoteOn(60, 100)), (0.2, NoteOn(64, 100)))
    assert places(synth)[60] == pytest.approx((1.0, 0.6), abs=0.08)
    assert places(synth)[64] == pytest.approx((0.6, 0.2), abs=0.08)
    play(synth, 0.6)
    assert places(synth) == {60: pytest.approx((1.0, 1.0)), 64: pytest.approx((1.0, 1.0))}
    play(synth, 0.2, (0.0, SetPad(0.1, 0.2)))  # it leads away from the pad
    assert places(synth)[60] == pytest.approx((0.9, 1.0))


def test_a_gesture_goes_round():
    gesture = Path(((0.0, 0.5, 0.5), (0.1, 0.9, 0.5), (0.2, 0.5, 0.5)), loop=True)
    synth = make_synth(pad=(0.5, 0.5), movement=Movement(path=gesture))
    play(synth, 0.1, (0.0, NoteOn(60, 100)))
    way = travelled(synth, 0.8)[:, 0]
    assert way.max() > 0.85
    np.testing.assert_allclose(way[:50], way[50:100], atol=0.01)


def test_a_sound_routes_its_own_way():
    """What a preset says of a source and a target goes before what holds for all."""
    synth = moving(Route("cc1", "pad_x", depth=-1.0, sets=True))
    play(synth, 0.2, (0.0, ControlChange(1, 127)), (0.0, ControlChange(74, 127)))
    assert synth.pad == (0.0, 1.0)


def test_unknown_names_move_nothing():
    synth = moving(Route("cc200", "pad_x", sets=True), Route("velocity", "wings"))
    play(synth, 0.2, (0.0, NoteOn(60, 100)), (0.0, ControlChange(20, 100)))
    assert places(synth)[60] == (0.5, 0.5)


def test_what_was_heard_last_is_told():
    synth = make_synth()
    play(synth, 0.1, (0.0, ControlChange(20, 5)), (0.0, PitchBend(100)))
    assert synth.steering.heard == (2, "bend")


def test_the_same_seed_gives_the_same_bits_in_blocks_of_any_size():
    movement = Movement(
        (Route("lfo1", "pad_x"), Route("lfo2", "gain_db", depth=0.1), Route("velocity", "pad_y")),
        (Lfo(rate_hz=3.0, shape="random", per_note=True), Lfo(beats=0.5)),
    )

    def played(block):
        synth = make_synth(movement=movement)
        for number in range(4):
            synth.handle(NoteOn(60 + number, 30 * number + 20), 300 * number)
        audio = [np.zeros((block, 2), np.float32) for _ in range(RATE // 2 // block)]
        for part in audio:
            synth.render(part)
        return np.concatenate(audio)[:20000]

    np.testing.assert_array_equal(played(1), played(997))


numbers = st.integers(0, 127)
events = st.one_of(
    st.builds(ControlChange, st.integers(1, 121), numbers, st.integers(0, 2)),
    st.builds(NoteOn, st.integers(40, 80), numbers, st.integers(0, 2)),
    st.builds(NoteOff, st.integers(40, 80), st.integers(0, 2)),
    st.builds(ChannelPressure, numbers, st.integers(0, 2)),
    st.builds(SetPad, st.floats(-1, 2), st.floats(-1, 2)),
)
routes = st.builds(
    Route,
    st.sampled_from(["cc1", "cc20", "pressure", "velocity", "key", "lfo1", "bend", "envelope"]),
    st.sampled_from(["pad_x", "pad_y", "pad_centre", "gain_db", "attack_ms", "transpose", "temperature"]),
    st.floats(-1, 1), st.floats(-1, 1), st.booleans(), st.booleans(),
)  # fmt: skip


@settings(max_examples=40)
@given(st.lists(routes, max_size=8), st.lists(events, max_size=40))
def test_nothing_leaves_its_range(routes, events):
    synth = make_synth(movement=Movement(tuple(routes), (Lfo(rate_hz=20.0),)))
    audio = play(synth, 0.2, *((0.004 * at, event) for at, event in enumerate(events)))
    assert np.isfinite(audio).all()
    assert level_db(audio) <= 0.0
    assert all(0.0 <= value <= 1.0 for place in places(synth).values() for value in place)
    assert all(row.minimum <= synth.steering.parameters[param] <= row.maximum for param, row in TABLE.items())


def with_delay(*routes, **fields):
    """A synth with a delay as slot 3, and these routes."""
    effects, _ = chain_of((Slot(3, "delay", wet=0.5, parameters={"time_ms": 300.0}),))
    synth = make_synth(effects=effects, movement=Movement(routes=routes, **fields))
    synth.advance()
    return synth, effects.inserts[0]


def test_a_controller_sets_a_parameter_of_an_effect():
    synth, delay = with_delay(Route("cc20", "3.time_ms", sets=True), Route("cc21", "3.wet", sets=True))
    play(synth, 0.1, (0.0, ControlChange(20, 127)), (0.0, ControlChange(21, 32)))
    assert (delay.value("time_ms"), delay.value("wet")) == (pytest.approx(2000.0), pytest.approx(32 / 127))
    assert synth.steering.turned == {"3.time_ms": delay.value("time_ms"), "3.wet": delay.value("wet")}
    play(synth, 0.1, (0.0, SetEffect(3, "wet", 0.75)))
    assert synth.steering.turned == {"3.time_ms": delay.value("time_ms")}  # a hand has taken the other


def test_an_lfo_moves_a_parameter_of_an_effect_and_leaves_it_where_it_was(monkeypatch):
    synth, delay = with_delay(Route("lfo1", "3.feedback", depth=0.3), lfos=(Lfo(rate_hz=5.0),))
    told = []
    monkeypatch.setattr(delay._effect, "set", lambda name, value: told.append((name, value)))
    play(synth, 0.4)
    values = [value for name, value in told if name == "feedback"]
    assert max(values) - min(values) == pytest.approx(0.6 * 0.95, rel=0.05)
    assert delay.value("feedback") == 0.35
    play(synth, 0.2, (0.0, SetMovement(Movement())))
    assert told[-1] == ("feedback", pytest.approx(0.35))
