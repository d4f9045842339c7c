"""No start, stop, steal or change clicks (R13): above the notes of these sines nothing may exceed -60 dBFS."""

import numpy as np
import pytest

from engine.commands import ControlChange, NoteOff, NoteOn, Panic, PitchBend, SetPad, SetParameter
from engine.parameters import Param
from engine.voice.sound import Sound
from tests.engine.playing import RATE, click_db, make_synth, note, play
from tests.fakes import FAKE_CONFIG, LOUD_CONFIG, fake_preset

LIMIT_DB = -60.0
LOW = 45  # 110 Hz
HELD = (0, NoteOn(LOW, 127))


def test_the_detector_hears_a_click():
    synth = make_synth()
    audio = play(synth, 0.5, HELD)
    audio[RATE // 4 + 31 :] = 0.0
    assert click_db(audio) > -30


@pytest.mark.parametrize("config", [FAKE_CONFIG, LOUD_CONFIG], ids=["latents", "loudness"])
@pytest.mark.parametrize("release_ms", [5.0, 10.0, 20.0, 29.0, 400.0])
def test_note_on_and_off(release_ms, config):
    synth = make_synth(config=config, parameters={"release_ms": release_ms, "attack_ms": 10.0})
    assert click_db(play(synth, 1.0, *note(0.05, 0.2003, LOW))) < LIMIT_DB


def test_steal():
    synth = make_synth(polyphony=1, voices=2, parameters={"attack_ms": 10.0})
    steals = [(0.1 + 0.0531 * index, NoteOn(LOW + index % 3, 127)) for index in range(10)]
    assert click_db(play(synth, 1.0, HELD, *steals)) < LIMIT_DB


@pytest.mark.parametrize("count", [5, 8, 12])
def test_many_notes_at_once_on_full_polyphony(count):
    synth = make_synth(voices=16, parameters={"attack_ms": 10.0})
    held = [(0, NoteOn(LOW - key, 80)) for key in range(8)]
    assert click_db(play(synth, 0.6, *held, *[(0.3503, NoteOn(25 + key, 80)) for key in range(count)])) < LIMIT_DB
    assert len(synth.sounding()) == 8


def test_retrigger():
    synth = make_synth(parameters={"attack_ms": 10.0})
    assert (
        click_db(play(synth, 1.0, HELD, *[(0.1 + 0.0531 * index, NoteOn(LOW, 127)) for index in range(10)])) < LIMIT_DB
    )


CHANGES = {
    "pad": [SetPad(1.0, 1.0)],
    "bend": [PitchBend(8191)],
    "gain": [SetParameter(Param.GAIN_DB, -30.0)],
    "sustain": [SetParameter(Param.SUSTAIN, 0.1)],
    "volume": [ControlChange(7, 0)],
    "pan": [ControlChange(10, 0)],
    "vibrato": [ControlChange(1, 127)],
    "panic": [Panic()],
    "all sound off": [ControlChange(120, 0)],
    "release": [NoteOff(LOW)],
    "tuning": [SetParameter(Param.TUNING_HZ, 400.0)],
    "speed": [SetParameter(Param.SPEED, 4.0)],
}


@pytest.mark.parametrize("events", CHANGES.values(), ids=CHANGES.keys())
def test_a_change_under_a_held_note(events):
    synth = make_synth(parameters={"attack_ms": 10.0})
    assert click_db(play(synth, 0.5, HELD, *[(0.2503, event) for event in events])) < LIMIT_DB


@pytest.mark.parametrize("gains_db", [(-60.0, 12.0), (12.0, -60.0)], ids=["up", "down"])
def test_the_gain_over_its_whole_range(gains_db):
    before, after = gains_db
    synth = make_synth(parameters={"attack_ms": 10.0, "gain_db": before})
    assert click_db(play(synth, 0.5, HELD, (0.2511, SetParameter(Param.GAIN_DB, after)))) < LIMIT_DB


def test_a_new_preset_under_a_held_note():
    synth = make_synth(parameters={"attack_ms": 10.0})
    before = play(synth, 0.3, HELD)
    synth.load(Sound.from_preset(fake_preset(pad=(1.0, 0.0), parameters={"gain_db": -6.0}), FAKE_CONFIG))
    assert click_db(np.concatenate([before, play(synth, 0.3)])) < LIMIT_DB


def test_the_last_frame_fades():
    """A long release on a sound whose stored release is short."""
    synth = make_synth(parameters={"attack_ms": 10.0, "release_ms": 10000.0})
    assert click_db(play(synth, 1.0, *note(0, 0.2, LOW))) < LIMIT_DB
    assert synth.idle
