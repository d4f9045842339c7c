"""The songs in the repository are what their sources sequence; those of many voices are played whole."""

import io

import pytest

from engine.commands import NoteOn
from engine.offline.render import render_song, voices_needed
from engine.offline.songfile import read_song
from engine.voice.allocator import VoiceAllocator
from engine.voice.sound import Sound
from songs import many_voices, minuet
from tests.fakes import FAKE_CONFIG, FakeDecoder, fake_preset
from tests.paths import ROOT

SOUND = Sound.from_preset(fake_preset(parameters={"release_ms": 2000.0}), FAKE_CONFIG)


def path(name):
    return ROOT / "songs" / f"{name}.mid"


@pytest.mark.parametrize("name", ["minuet", *many_voices.SONGS])
def test_the_file_is_what_the_source_makes_byte_for_byte(name):
    made = io.BytesIO()
    (minuet.sequence() if name == "minuet" else many_voices.sequence(name)).save(file=made)
    assert made.getvalue() == path(name).read_bytes()


@pytest.mark.parametrize("name", many_voices.SONGS)
def test_no_note_is_stolen_from_a_song_of_many_voices(name, monkeypatch):
    song, faded, started = read_song(path(name)), [], []
    note_on, fade = VoiceAllocator.note_on, VoiceAllocator._fade

    def count(allocator, channel, note, *rest):
        started.append(note)
        return note_on(allocator, channel, note, *rest)

    def watch(allocator, slots):
        faded.extend(allocator.voices[slot] for slot in slots if allocator.voices[slot].key_down)
        return fade(allocator, slots)

    voices = voices_needed(song, SOUND, FAKE_CONFIG)
    assert voices >= 20 and not song.told  # with releases as short as these; presets make it 30 to 50
    monkeypatch.setattr(VoiceAllocator, "note_on", count)
    monkeypatch.setattr(VoiceAllocator, "_fade", watch)
    for _ in render_song(song, FakeDecoder(voices=voices), SOUND, 16000):
        pass
    warm_up = 1
    assert len(started) == sum(isinstance(event, NoteOn) for _, event in song.events) + warm_up
    assert faded == []  # a key that is struck again has come up before


def test_one_core_and_two_give_the_same_bits(manifold, instrument, tmp_path):
    for cores in (1, 2):
        command = ["render", path("string_orchestra"), "-o", tmp_path / f"{cores}.wav", "--cores", cores]
        outcome = manifold(*command, "--weights", instrument.weights, "--preset", instrument.preset)
        assert (outcome.status, outcome.err) == (0, "")
    assert (tmp_path / "1.wav").read_bytes() == (tmp_path / "2.wav").read_bytes()
