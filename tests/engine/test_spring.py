"""The pad once a finger is lifted: it stays (latch), or goes back to where the sound has it (spring)."""

import mido
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.commands import ControlChange, LiftPad, NoteOn, SetPad, SetParameter
from engine.offline.render import render_song
from engine.offline.songfile import read_song
from engine.parameters import PAD_MODES, Param
from engine.voice.sound import Sound
from presets.movement import Movement, Route
from tests.engine.playing import RATE, make_synth, play, whole
from tests.fakes import FAKE_CONFIG, FakeDecoder, fake_preset

SPRING = float(PAD_MODES.index("spring"))
HOME = (0.25, 0.5)
TOUCHED = Movement(routes=(Route("cc92", "pad_touch", sets=True),))  # as some pads tell of a finger


def sprung(ms=200.0, **fields):
    return make_synth(pad=HOME, parameters={"pad_mode": SPRING, "pad_return_ms": ms}, **fields)


def test_latch_stays_and_that_is_its_home():
    synth = make_synth(pad=HOME)
    play(synth, 0.3, (0.0, SetPad(0.9, 0.1, touch=True)), (0.1, LiftPad()))
    assert synth.pad == (0.9, 0.1)
    play(synth, 0.3, (0.0, ControlChange(1, 20)), (0.1, ControlChange(121, 0)))
    assert synth.pad == (0.9, 0.1)


def test_a_spring_takes_it_back_in_its_time_and_without_a_jump():
    synth, way = sprung(), []
    play(synth, 0.1, (0.0, SetPad(1.0, 1.0, touch=True)))
    assert synth.pad == pytest.approx((1.0, 1.0), abs=1e-3)
    synth.handle(LiftPad())
    for _ in range(65):  # ticks of 4 ms
        synth.advance()
        way.append(synth.pad)
    way = np.array(way)
    assert np.abs(np.diff(way[:, 0])).max() < 0.75 / 50 * 1.6  # of a smooth step, 1.5 times the mean
    assert way[:, 0] == pytest.approx(np.minimum.accumulate(way[:, 0]))
    assert way[27] == pytest.approx((np.array(HOME) + 1.0) / 2, abs=0.03)  # half of the way, and the smoothing
    assert way[49][0] > HOME[0]
    assert tuple(way[-1]) == HOME


def test_another_touch_holds_it_on_its_way():
    synth = sprung()
    play(synth, 0.3, (0.0, SetPad(1.0, 1.0, touch=True)), (0.1, LiftPad()), (0.15, SetPad(0.7, 0.8, touch=True)))
    assert synth.pad == pytest.approx((0.7, 0.8), abs=1e-3)
    play(synth, 0.3, (0.0, SetPad(0.4, 0.4)), (0.1, LiftPad()))  # nobody's finger: that is where it stands now
    assert synth.pad == (0.4, 0.4)


def test_what_a_controller_moves_is_the_players_only_until_it_springs_back():
    synth = sprung(movement=TOUCHED)
    play(synth, 0.2, (0.0, ControlChange(92, 127)), (0.0, ControlChange(1, 127)))
    assert (synth.pad[0], synth.steering.turned) == (1.0, {})
    play(synth, 0.3, (0.0, ControlChange(92, 0)))
    assert synth.pad == HOME


def test_reset_controllers_lets_it_go():
    synth = sprung()
    play(synth, 0.15, (0.0, ControlChange(1, 127)), (0.05, ControlChange(121, 0)))
    assert HOME[0] < synth.pad[0] < 1.0
    play(synth, 0.3)
    assert synth.pad == HOME


def test_another_synth_stands_where_the_finger_holds_it():
    synth, other = sprung(), sprung()
    play(synth, 0.2, (0.0, SetPad(1.0, 1.0, touch=True)))
    other.begin(Sound.from_preset(fake_preset(pad=(0.6, 0.6)), FAKE_CONFIG), synth.state(), 0)
    assert other.pad == (1.0, 1.0)
    play(other, 0.5, (0.0, LiftPad()))
    assert other.pad == HOME


def test_a_song_lifts_the_finger(tmp_path):
    """In `render`: while it is there the note is that of the place, and once it is gone that of the preset."""
    message, path = mido.Message, tmp_path / "touch.mid"
    messages = [
        message("note_on", note=57, velocity=100),
        message("control_change", control=74, value=127, time=480),
        message("control_change", control=92, value=0, time=480),
        message("note_off", note=57, time=960),
    ]
    mido.MidiFile(tracks=[mido.MidiTrack(messages)], ticks_per_beat=480).save(path)
    preset = fake_preset(pad=HOME, parameters={"pad_mode": SPRING, "pad_return_ms": 100.0}, movement=TOUCHED)
    sound = Sound.from_preset(preset, FAKE_CONFIG)

    def spectra(mapping):
        audio = whole(render_song(read_song(path), FakeDecoder(), sound, RATE, mapping=mapping))[:, 0]
        parts = (audio[round(at * RATE) :][: RATE // 4] for at in (0.2, 0.7, 1.5))
        return [np.abs(np.fft.rfft(part * np.hanning(len(part)))) for part in parts]

    before, touched, after = spectra(True)
    assert np.abs(after - before).max() < 1e-3 * before.max()
    assert np.abs(touched - before).max() > 0.1 * before.max()
    np.testing.assert_allclose(spectra(False)[1], before, atol=1e-3 * before.max())


moves = st.one_of(
    st.builds(SetPad, st.floats(0, 1), st.floats(0, 1), st.just(True)),
    st.builds(ControlChange, st.sampled_from([1, 74, 121]), st.integers(0, 127)),
    st.just(LiftPad()),
    st.just(NoteOn(60, 90)),
)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 0.3), moves), max_size=20))
def test_whatever_moved_it_a_spring_takes_it_home(events):
    synth = sprung(50.0)
    play(synth, 0.35, *sorted(events, key=lambda event: event[0]))
    play(synth, 0.2, (0.0, SetParameter(Param.ATTACK_MS, 2.0)), (0.0, LiftPad()))
    assert synth.pad == HOME
