"""Sounds anywhere on the pad, heard: each alone where it stands, at each note's own place, and moved under notes."""

from dataclasses import replace

import numpy as np
import pytest

from engine.commands import NoteOn, SetMovement, SetPad, SetPlaces
from engine.decoder.frozen.decoder import FrozenDecoder
from engine.synth import Synth
from engine.voice.sound import Sound
from presets.file import decode, encode
from presets.movement import Movement, Route
from presets.pad import POINTS, Layout
from tests.engine.pads import frozen
from tests.engine.playing import RATE, make_synth, play
from tests.fakes import FAKE_CONFIG, FakeDecoder, fake_preset, fake_sound

SOUNDS = tuple(fake_sound(f"sound {row}", 0.5 - 0.06 * row, 0.06 * row) for row in range(8))
PLACES = ((0.5, 0.5), (0.1, 0.2), (0.8, 0.1), (0.9, 0.6), (0.3, 0.9), (0.15, 0.6), (0.6, 0.8), (0.45, 0.2))
MOVED = ((0.2, 0.5), *PLACES[1:])


def points(sounds=SOUNDS, places=PLACES, **fields):
    return fake_preset(corners=sounds, places=places, **fields)


def synth_of(preset, **options):
    synth = Synth(FakeDecoder(), RATE, **options)
    synth.load(Sound.from_preset(preset, FAKE_CONFIG))
    return synth


def partials(audio, hz=440.0):
    """Levels of a steady note's two partials, 0..1."""
    window, times = np.hanning(len(audio)), np.arange(len(audio)) / RATE
    return [2 * abs((audio[:, 0] * window * np.exp(-2j * np.pi * hz * k * times)).sum()) / window.sum() for k in (1, 2)]


def steady(synth, *events):
    """The note after these events, once everything has arrived."""
    play(synth, 0.3, *((0.0, event) for event in events))
    return partials(play(synth, 0.2))


@pytest.fixture(scope="module")
def alone():
    """Partials of each sound with nothing else on the pad."""
    return [steady(synth_of(points((sound,), ((0.3, 0.3),))), NoteOn(69, 127)) for sound in SOUNDS]


def test_each_sound_is_heard_alone_where_it_stands_after_saving_too(alone):
    synth = synth_of(decode(encode(points())))
    steady(synth, NoteOn(69, 127))
    for place, wanted in zip(PLACES, alone, strict=True):
        assert steady(synth, SetPad(*place)) == pytest.approx(wanted, rel=1e-4, abs=1e-5)


def test_between_them_a_note_has_the_mixture_of_its_place(alone):
    places = ((0.4, 0.4), (0.7, 0.7), (0.0, 0.0), (1.0, 0.3))
    synth, expected = synth_of(points()), Layout(PLACES).weights(*np.array(places).T) @ np.array(alone)
    steady(synth, NoteOn(69, 127))
    for place, wanted in zip(places, expected, strict=True):
        assert steady(synth, SetPad(*place)) == pytest.approx(wanted, rel=1e-3, abs=1e-5)


def test_each_note_stands_at_its_own_place(alone):
    by_velocity = Movement(routes=(Route("velocity", "pad_x"),))  # from the pad's left side on
    synth = synth_of(points(SOUNDS[:2], ((0.0, 0.5), (1.0, 0.5)), pad=(0.0, 0.5)))
    play(synth, 0.5, (0.0, SetMovement(by_velocity)), (0.1, NoteOn(69, 127)), (0.1, NoteOn(50, 1)))
    audio = play(synth, 0.5)
    assert partials(audio) == pytest.approx(alone[1], rel=0.05)
    first, second = partials(audio, 440 * 2 ** (-19 / 12))
    assert second < 0.02 * first  # that of the left sound


def test_a_sound_is_moved_under_a_note_without_a_click_and_as_if_it_had_stood_there():
    synth, there = synth_of(points()), synth_of(points(places=MOVED))
    for each in (synth, there):
        steady(each, SetPad(0.3, 0.5), NoteOn(69, 127))
    before = play(synth, 0.1)
    moving = play(synth, 0.1, (0.0, SetPlaces(MOVED)))
    steps = [np.abs(np.diff(audio[:, 0], n=3)).max() for audio in (before, moving)]
    assert steps[1] < 1.2 * steps[0]
    assert partials(play(synth, 0.2)) == pytest.approx(steady(there), rel=1e-3)


@pytest.mark.parametrize("places", [PLACES[:3], ((float("nan"), 0.0), *PLACES[1:])])
def test_places_that_mean_nothing_are_ignored_and_others_clamped(places):
    synth = synth_of(points())
    synth.handle(SetPlaces(places))
    assert play(synth, 0.1).shape and synth.state()[-1] == SetPlaces(PLACES)
    synth.handle(SetPlaces(((7.0, -1.0), *PLACES[1:])))
    assert play(synth, 0.1).shape and synth.state()[-1] == SetPlaces(((1.0, 0.0), *PLACES[1:]))


def test_what_begins_in_the_same_state_plays_the_same_bits():
    synth, other = synth_of(points()), synth_of(points())
    play(synth, 0.1, (0.0, SetPlaces(MOVED)))
    sound = Sound.from_preset(points(), FAKE_CONFIG)
    state = synth.state()
    for each in (synth, other):
        each.begin(sound, state, 4096)
    audio = [play(each, 0.2, (0.0, NoteOn(60, 90)), (0.05, SetPlaces(PLACES[::-1]))) for each in (synth, other)]
    np.testing.assert_array_equal(*audio)
    assert audio[0].any()


def test_a_preset_of_more_and_of_fewer_sounds_takes_over_under_a_note():
    synth = make_synth()
    play(synth, 0.1, (0.0, NoteOn(69, 127)))
    for preset in (points(), points(SOUNDS[:1], PLACES[:1]), fake_preset()):
        synth.load(Sound.from_preset(preset, FAKE_CONFIG))
        assert np.isfinite(audio := play(synth, 0.1)).all() and np.abs(audio).max() > 0.01


@pytest.mark.long
def test_a_frozen_pad_has_every_point_that_lies_on_its_grid():
    preset = points(SOUNDS[:5], ((0.5, 0.5), (0.0, 1.0), (1.0, 0.5), (0.5, 0.0), (0.0, 0.0)))
    kept, config, weights = frozen(preset, FakeDecoder(voices=9), 3, (69,))
    assert kept.places == POINTS and [corner.name[-1] for corner in kept.corners] == ["4", "2", "1", "2"]
    pads = Synth(FrozenDecoder(config, weights, 8), RATE), synth_of(preset)
    pads[0].load(Sound.from_preset(replace(kept, pad=preset.pad), config))
    for place in preset.places:
        heard, wanted = (steady(pad, SetPad(*place), NoteOn(69, 127)) for pad in pads)
        assert heard == pytest.approx(wanted, rel=0.02, abs=0.002)
        for pad in pads:
            pad.panic()
            play(pad, 0.1)
