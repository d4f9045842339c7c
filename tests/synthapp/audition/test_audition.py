"""What the audition plays is what the synth plays, and its index says what each file is."""

import json
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from engine.commands import NoteOff, NoteOn, PitchBend
from engine.offline.takes import Take, play
from engine.synth import Synth
from engine.voice.sound import Sound
from models.data.programs import find_program
from models.evaluation.played import PlayedNotes
from presets.file import write_preset
from presets.pad import POINTS
from presets.preset import Preset
from synthapp.audition import perform as audition
from synthapp.audition import repertoire
from synthapp.audition.repertoire import Repertoire
from tests.conftest import TINY
from tests.fakes import LOUD_CONFIG, STEREO_CONFIG, FakeDecoder, fake_preset, fake_sound

RATE = 16000
NAMES = ("cello", "flute", "marimba", "church organ")


def preset(config=LOUD_CONFIG, names=NAMES):
    sounds = tuple(fake_sound(name, 0.1 * i + 0.1, 0.2, config) for i, name in enumerate(names))
    return Preset("Four", sounds, pad=(0.0, 0.0))


def live(sound, seconds, *events, seed=0, synth=None):
    synth = synth or Synth(FakeDecoder(LOUD_CONFIG, 1), RATE, 1, seed)
    synth.load(sound)
    for second, event in events:
        synth.handle(event, round(second * RATE))
    audio = np.zeros((round(seconds * RATE) + synth.latency, 2), np.float32)
    synth.render(audio)
    return audio[synth.latency :, 0]


def test_many_takes_at_once_are_each_what_the_synth_plays_live():
    sound = Sound.from_preset(preset(), LOUD_CONFIG)
    takes = [
        Take(sound, key, velocity, 0.4, tail) for key, velocity, tail in ((50, 30, 0.2), (61, 127, 0.1), (72, 1, 0))
    ]
    played = list(play(takes, FakeDecoder(LOUD_CONFIG, 2)))
    for seed, (take, audio) in enumerate(zip(takes, played, strict=True)):
        events = (0.0, NoteOn(take.key, take.velocity)), (0.4, NoteOff(take.key))
        np.testing.assert_array_equal(audio, live(sound, 0.4 + take.tail_s, *events, seed=seed))
        assert np.abs(audio).max() > 1e-6


def test_takes_of_a_stereo_network_are_the_left_side_of_what_is_played_live():
    sound = Sound.from_preset(fake_preset(config=STEREO_CONFIG, parameters={"temperature": 1.0}), STEREO_CONFIG)
    takes = [Take(sound, key, 100, 0.2, 0.1) for key in (50, 61, 72)]
    for seed, (take, audio) in enumerate(zip(takes, play(takes, FakeDecoder(STEREO_CONFIG, 5)), strict=True)):
        synth = Synth(FakeDecoder(STEREO_CONFIG, 2), RATE, 1, seed)
        expected = live(sound, 0.3, (0.0, NoteOn(take.key, 100)), (0.2, NoteOff(take.key)), synth=synth)
        np.testing.assert_array_equal(audio, expected)


def test_a_take_bends_as_the_synth_does():
    sound = Sound.from_preset(preset(), LOUD_CONFIG)
    (audio,) = play([Take(sound, 60, 90, 0.4, 0.0, ((0.2, 1.0),))], FakeDecoder(LOUD_CONFIG, 4))
    events = (0.0, NoteOn(60, 90)), (0.2, PitchBend(4096)), (0.4, NoteOff(60))
    np.testing.assert_array_equal(audio, live(sound, 0.4, *events))


@pytest.fixture
def pieces():
    recorded = {(find_program("cello").instrument_str, find_program("cello").low): [65, 105]}
    return Repertoire([preset()], LOUD_CONFIG, recorded, step=5)


def test_every_sound_plays_its_range_alone_at_its_corner(pieces):
    lines = list(pieces.factory())
    for name, corner in zip(NAMES, POINTS, strict=True):
        entries = [entry for entry, _ in lines if entry.name == name]
        program = find_program(name)
        assert [entry.key for entry in entries] == list(range(program.low, program.high + 1, 5))
        assert {entry.pad for entry in entries} == {corner}
        assert {take.sound.pad for entry, take in lines if entry.name == name} == {corner}
        assert entries[0].recording.startswith(program.instrument_str)
    assert next(entry for entry, _ in lines if entry.name == "cello").velocity == 65  # where there is a recording


@pytest.mark.parametrize("question", ["octaves", "morph", "velocity", "bends"])
def test_every_question_is_played_with_the_presets_own_release(question):
    pieces = Repertoire([replace(preset(), parameters={"release_ms": 2000.0})], LOUD_CONFIG)
    own = next(take for _, take in pieces.factory()).sound.parameters
    for _, take in getattr(pieces, question)(2):
        np.testing.assert_array_equal(take.sound.parameters, own)


def test_both_ends_of_a_morph_and_its_middle_have_the_same_knobs():
    """Presets are brought to one level by their trim, so sounds of two presets would differ by that."""
    soft = replace(preset(), parameters={"trim_db": -4.0})
    loud = replace(preset(names=("violin", "oboe", "banjo", "celesta")), parameters={"trim_db": 4.0})
    pieces = Repertoire([soft, loud], LOUD_CONFIG)
    assert len({take.sound.parameters.tobytes() for _, take in pieces.morph(8)}) == 1


@pytest.mark.parametrize("question", ["velocity", "pad"])
def test_strokes_tell_the_curve_that_they_are_played_with(question):
    pieces = Repertoire([replace(preset(), parameters={"velocity_curve": 0.7})], LOUD_CONFIG)
    assert {entry.velocity_curve for entry, _ in getattr(pieces, question)(2)} == {0.7}


def test_pairs_bends_points_and_holds(pieces):
    pairs = [(entry.name, entry.other, entry.key) for entry, _ in pieces.morph(4) if entry.set == "morph"]
    assert len(set(pairs)) == 6 * 3
    ends = {(entry.name, entry.key) for entry, _ in pieces.morph(4) if entry.set == "ends"}
    assert all({(name, key), (other, key)} <= ends for name, other, key in pairs)
    quarters = sorted(entry.key + entry.bend_semitones for entry, _ in pieces.bends(1) if entry.set == "scale")
    np.testing.assert_allclose(np.diff(quarters), 0.5)
    points = [entry for entry, _ in pieces.pad(20)]
    assert len({entry.pad for entry in points}) > 15 and all(1 <= entry.velocity <= 127 for entry in points)
    held = list(pieces.hold(2.0, 3))
    assert [take.held_s for _, take in held] == [120.0] * 3
    assert [entry.velocity for entry, _ in held] == [1, 64, 127]
    keys = [take.key for _, take in pieces.octaves(1)]
    assert keys[-1] - keys[0] == 36


def test_a_note_that_was_recorded_silent_after_its_key_is_played_so():
    config, frames = LOUD_CONFIG, 4 * RATE // LOUD_CONFIG.hop
    latents = np.full((frames, config.latent), 0.2, np.float32)
    silent = (np.arange(frames) + 0.5) * config.hop > audition.HELD_S * RATE
    latents[:, -1] = np.where(silent, -90.0, -6.0)
    (audio,) = play([Take(audition.unlooped("note", latents, 60, 100, config), 60, 100)], FakeDecoder(config, 1))
    held, after = audio[round(2.5 * RATE) : round(2.9 * RATE)], audio[round(3.1 * RATE) :]
    assert held.std() > 1e-3 and after.std() < 1e-3 * held.std()


def test_a_sound_that_no_program_is_named_after_is_played_too():
    unknown = Repertoire([preset(names=("my own", *NAMES[1:]))], LOUD_CONFIG, step=12)
    mine = [entry for entry, _ in unknown.factory() if entry.name == "my own"]
    assert len(mine) == 5 and not mine[0].recording and not mine[0].instrument


def test_notes_are_chosen_from_every_instrument_before_any_comes_twice():
    examples = {f"{name}-{i}": {"instrument_str": name} for name in "abc" for i in range(4)}
    assert sorted(note["instrument_str"] for note in audition.chosen(examples, 3)) == ["a", "b", "c"]
    assert len(audition.chosen(examples, 99)) == 12
    assert audition.chosen(examples, 5) == audition.chosen(examples, 5)


def write_notes(folder):
    """A cello note in test, a viola in valid."""
    for split, name in (("test", "cello"), ("valid", "viola")):
        program = find_program(name)
        note_str = f"{program.instrument_str}-050-085"
        entry = {"note_str": note_str, "instrument_str": program.instrument_str, "pitch": 50, "velocity": 85}
        entry |= {"instrument_family_str": program.family}
        (folder / split / "audio").mkdir(parents=True)
        (folder / split / "examples.json").write_text(json.dumps({note_str: entry}))
        tone = 0.3 * np.sin(2 * np.pi * 146.8 * np.arange(4 * RATE) / RATE)
        soundfile.write(folder / split / "audio" / f"{note_str}.wav", tone, RATE)


@pytest.mark.slow
def test_the_command_writes_every_file_of_its_index(tmp_path, monkeypatch, instrument, manifold):
    write_notes(tmp_path / "notes")
    (tmp_path / "presets").mkdir()
    write_preset(replace(preset(TINY), pad=(0.0, 0.0)), tmp_path / "presets" / "four.manifold")
    few = ("--step=48", "--heldout=2", "--sounds=2", "--points=2", "--minutes=0.02", "--holds=1")
    monkeypatch.setattr(repertoire, "STEADY_S", 0.1)
    out = tmp_path / "out"
    where = ("--weights", instrument.weights, "--notes", tmp_path / "notes", "--presets", tmp_path / "presets")
    assert manifold("evaluate", "play", "-o", out, *where, *few).status == 0
    index = json.loads((out / "index.json").read_text())
    assert {"factory", "test", "valid", "morph", "ends", "hold", "pad", "scale", "bend", "octaves", "velocity"} == {
        entry["set"] for entry in index["played"]
    }
    read = PlayedNotes(out)
    assert sum(len(notes) for notes in read.notes.values()) == len(index["played"])
    for entry in index["played"]:
        audio, rate = soundfile.read(out / entry["file"])
        assert rate == RATE and len(audio) >= entry["held_s"] * RATE and np.isfinite(audio).all()
    assert sorted(str(path.relative_to(out)) for path in out.rglob("*.wav")) == sorted(
        entry["file"] for entry in index["played"]
    )


@pytest.mark.parametrize("missing", ["notes", "presets"])
def test_a_missing_folder_is_one_line(tmp_path, instrument, missing, manifold):
    write_notes(tmp_path / "notes")
    folders = {"notes": tmp_path / "notes", "presets": instrument.preset.parent} | {missing: tmp_path / "none"}
    where = ("--weights", instrument.weights, "--notes", folders["notes"], "--presets", folders["presets"])
    outcome = manifold("evaluate", "play", "-o", tmp_path / "out", *where)
    assert outcome.status == 1 and outcome.err.count("\n") == 1
    assert outcome.err.startswith("manifold: ") and str(tmp_path / "none") in outcome.err
    assert not (tmp_path / "out" / "index.json").exists()
