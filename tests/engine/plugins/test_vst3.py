"""Real VST3 plug-ins (Debian's zam-plugins): loaded, played, saved, and the same again."""

import numpy as np
import pytest

from engine.commands import ControlChange, NoteOn
from engine.effects.table import chain_of
from engine.plugins.child import Child
from engine.plugins.effect import HostedPlugin
from engine.plugins.exchange import Answer
from engine.plugins.folders import found, usual_folders
from engine.plugins.messages import Description
from engine.plugins.rack import Rack
from presets.effects import PLUGIN, Plugin, Slot
from presets.movement import Lfo, Movement, Route
from tests.engine.playing import level_db, make_synth
from tests.engine.playing import play as play_notes
from tests.engine.plugins.playing import RATE, play

PLACES = {place.stem: str(place) for place in found(usual_folders()) if place.stem.startswith("Za")}
SAMPLE = ("ZamCompX2", "ZaMaximX2", "ZamEQ2")

LATENT = {"ZaMaximX2": 480}
PAIRED = {"ZaMaximX2", "ZaMultiCompX2", "ZamCompX2", "ZamGateX2", "ZamHeadX2", "ZamVerb"}
SHORT = 4800
AUDIO = np.random.default_rng(3).uniform(-0.3, 0.3, (SHORT, 2)).astype(np.float32)

pytestmark = pytest.mark.skipif(not PLACES, reason="apt install zam-plugins")


@pytest.fixture(params=SAMPLE)
def child(request):
    child = Child(PLACES[request.param], RATE, urgent=False)
    yield child
    child.close()


def run(child, sizes=(192,), audio=AUDIO):
    """All of the audio in blocks of these sizes, over and over."""
    out, at, turn = np.zeros_like(audio), 0, 0
    while at < len(audio):
        end = min(at + sizes[turn % len(sizes)], len(audio))
        assert child.play(audio[at:end], out[at:end], 20.0) == Answer.PLAYED
        at, turn = end, turn + 1
    return out


def set_all(child, share):
    """Every parameter but the plug-in's own presets to that share of its range."""
    for place, knob in enumerate(child.description.parameters):
        if knob.id != "current_program":
            child.set(place, knob.minimum + share * (knob.maximum - knob.minimum))


def test_what_it_is(child):
    about = child.description
    assert about.version == "4.1.0" and about.maker == "Damien Zammit" and about.effect
    assert about.latency == LATENT.get(about.name, 0) and about.channels == (2 if about.name in PAIRED else 1)
    assert len({knob.id for knob in about.parameters}) == len(about.parameters) > 0
    assert all(knob.minimum < knob.maximum for knob in about.parameters)


def test_the_blocks_change_nothing_and_again_is_the_same(child):
    first = run(child)
    assert np.isfinite(first).all() and first.any()
    for sizes in ((64,), (192,), (1, 2, 191, 193), (1024,)):
        child.renew(RATE)
        assert np.array_equal(run(child, sizes), first)


def test_it_comes_as_late_as_it_says(child):
    impulse = np.zeros_like(AUDIO)
    impulse[100] = 0.01
    out = run(child, audio=impulse)
    assert np.abs(out).argmax() // 2 - 100 == child.description.latency


def test_state_there_and_back(child):
    set_all(child, 0.25)
    run(child)
    state = child.save()
    other = Child(child.description.place, RATE, urgent=False)
    other.restore(state)
    child.renew(RATE)
    assert np.array_equal(run(other), run(child)) and other.save() == state
    other.close()


def test_values_are_in_the_units_that_the_plug_in_writes():
    child = Child(PLACES["ZamCompX2"], RATE, urgent=False)
    knobs = {knob.id: place for place, knob in enumerate(child.description.parameters)}
    threshold = child.description.parameters[knobs["threshold"]]
    assert (threshold.unit, threshold.minimum, threshold.maximum) == ("dB", -80.0, 0.0)
    for name, value in (("threshold", -23.5), ("ratio", 7.25), ("release", 123.0), ("stereo_detection", 1.0)):
        assert float(child.show(knobs[name], value)) == pytest.approx(value, abs=2e-3)
    program = child.description.parameters[knobs["current_program"]]
    assert program.choices == ("Zero", "PoppySnare", "VocalLeveller")
    assert child.show(knobs["current_program"], 2.0) == "VocalLeveller"
    child.close()


def test_a_controller_and_an_lfo_move_its_knobs():
    """As a knob and a delay's time are learnt: by slot and name, over their whole range; an LFO takes nothing along."""

    class Shelf:
        def find(self, name):
            return Description(name, PLACES[name], "4.1.0")

    routes = (
        Route("cc20", "1.threshold", sets=True), Route("cc21", "2.time_ms", sets=True),
        Route("lfo1", "1.ratio", depth=0.3),
    )  # fmt: skip
    rack = Rack(Shelf(), live=False)
    slots = Slot(1, PLUGIN, plugin=Plugin("VST3", "ZamCompX2")), Slot(2, "delay", wet=0.0)
    effects, missing = chain_of(slots, rack.open)
    synth = make_synth(effects=effects, movement=Movement(routes, (Lfo(rate_hz=5.0),)))
    plugin, delay = effects.inserts
    told = []
    hosted_set = plugin._effect.set
    plugin._effect.set = lambda name, value: (told.append((name, value)), hosted_set(name, value))
    play_notes(synth, 0.3, (0.0, NoteOn(57, 127)), (0.0, NoteOn(60, 127)), (0.0, ControlChange(20, 127)))
    loud = level_db(play_notes(synth, 0.3, (0.0, ControlChange(21, 127))))
    quiet = level_db(play_notes(synth, 0.5, (0.0, ControlChange(20, 0)))[RATE // 4 :])
    rack.close()
    assert not missing and quiet < loud - 6
    assert delay.value("time_ms") == pytest.approx(2000.0)
    assert [value for name, value in told if name == "threshold"] == pytest.approx([0.0, -80.0])
    ratios = [value for name, value in told if name == "ratio"]
    assert max(ratios) - min(ratios) > 4.0
    assert synth.steering.turned.keys() == {"1.threshold", "2.time_ms"}


def test_a_mono_plug_in_plays_both_sides_apart():
    child = Child(PLACES["ZamEQ2"], RATE, urgent=False)
    left = AUDIO.copy()
    left[:, 1] = 0.0
    out = run(child, audio=left)
    assert out[:, 0].any() and not out[:, 1].any()
    child.close()


@pytest.mark.long
@pytest.mark.alone
@pytest.mark.parametrize("frames", [64, 192])
@pytest.mark.parametrize("name", sorted(PLACES))
def test_ten_seconds_at_the_real_rhythm(name, frames):
    hosted = HostedPlugin(Plugin("VST3", name), lambda plugin, rate, values: Child(PLACES[name], rate), RATE)
    hosted.prepare(RATE, 193)
    blocks = 10 * RATE // frames
    played = play(hosted, blocks, frames=frames)
    hosted.close()
    took = np.percentile(played.took_ms, [50, 99, 99.9])
    dry = played.wet.count(False)
    print(f"\n{name} {frames}: p50 {took[0]:.2f} p99 {took[1]:.2f} p99.9 {took[2]:.2f} ms, {dry} of {blocks} dry")
    assert np.isfinite(played.audio).all() and took[0] < 1.0


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(PLACES))
def test_all_of_them(name):
    child = Child(PLACES[name], RATE, urgent=False)
    set_all(child, 0.25)
    child.renew(RATE)
    first = run(child)
    child.renew(RATE)
    same = np.array_equal(run(child, (64,)), first)
    state = child.save()
    child.restore(state)
    back = child.save() == state
    child.close()
    print(f"\n{name}: again the same {same}, state back {back}")
    assert np.isfinite(first).all() and same and back
