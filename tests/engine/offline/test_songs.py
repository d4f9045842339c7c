"""Songs as they are found: small ones that once went wrong, each with its right value, and many made by chance."""

from pathlib import Path

import mido
import numpy as np
import pytest

from common.errors import SynthError
from engine.commands import NoteOn
from engine.offline.render import render_song, voices_needed
from engine.offline.songfile import read_song
from engine.synth import Synth
from engine.voice.sound import Sound
from tests.engine.offline.keyboard import Keyboard
from tests.engine.playing import level_db, whole
from tests.fakes import FAKE_CONFIG, FakeDecoder, fake_preset
from tests.mutants import mutate
from tests.paths import FIXTURES

RATE = 16000
SOUND = Sound.from_preset(fake_preset(parameters={"release_ms": 20.0}), FAKE_CONFIG)
SCALE = {60: (0.0, 0.5), 62: (0.5, 1.0), 64: (1.0, 1.5), 65: (1.5, 2.0)}


def case(name) -> Path:
    (path,) = (FIXTURES / "cases").glob(f"{name}_*.mid")
    return path


def play(name):
    """Audio (frames,), with room for all notes, and what was told."""
    song = read_song(case(name))
    audio = whole(render_song(song, FakeDecoder(voices=32), SOUND, RATE))
    return audio[:, 0], song.told.partition(": ")[2]


def sounds(audio, note, start, end):
    """Whether the note is there, and alone of its neighbours, in all of that time but its edges."""
    for begin in np.arange(start + 0.03, end - 0.13, 0.1):
        part = audio[round(begin * RATE) : round((begin + 0.1) * RATE)]
        window = np.hanning(len(part))
        levels = [
            abs(part @ (window * np.exp(-2j * np.pi * hz(key) * np.arange(len(part)) / RATE)))
            for key in (note, note - 1.5, note + 1.5)
        ]
        if levels[0] < 1.0 or levels[0] < 5 * max(levels[1:]):
            return False
    return True


def hz(note):
    return 440.0 * 2 ** ((note - 69) / 12)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("m01", ""),
        ("m03", ""),
        ("m04", "has values above 127, 127 is taken"),
        ("m06", "has a track that ends in the middle"),
        ("m07", "has 2 of 3 tracks"),
        ("m08", "has 2 of 1 tracks"),
        ("m09", "has a part 'XFIH' that is no track"),
        ("m10", ""),
        ("m12", "has system messages, which have no place in a file"),
        ("m30", ""),
        ("m39", "has 2 of 1 tracks"),
    ],
)
def test_a_scale_in_a_damaged_file_plays(name, told):
    audio, line = play(name)
    assert line == told
    for note, (start, end) in SCALE.items():
        assert sounds(audio, note, start, end), f"note {note}"
    assert 2.0 <= len(audio) / RATE < 2.2


def test_every_note_sounds_from_its_on_to_its_own_off():
    for name in ("m14", "m15"):
        events = read_song(case(name)).events
        audio, _ = play(name)
        keyboard, last = Keyboard(), 0.0
        for time, event in events:
            if keyboard.held() and time - last > 0.2:
                assert sounds(audio, keyboard.held()[0][1], last, time), (name, last)
            keyboard.take(event)
            last = time
        assert len(audio) / RATE < last + 0.1


def test_a_note_of_no_length_is_heard():
    audio, _ = play("m29")
    assert level_db(audio[: RATE // 30]) > -30


def test_ports_are_apart():
    audio, _ = play("m16")
    assert sounds(audio, 60, 0.0, 1.0)


@pytest.mark.parametrize(("name", "note"), [("m18", 72.0), ("m19", 60.5)])
def test_tuning_of_a_channel(name, note):
    assert sounds(play(name)[0], note, 0.0, 0.5)


def test_an_increment_of_the_bend_range():
    assert sounds(play("m22")[0], 63.0, 0.0, 0.5)


def test_nine_at_once_with_the_defaults():
    song = read_song(case("m23"))
    assert voices_needed(song, SOUND, FAKE_CONFIG) == 9
    audio = whole(render_song(song, FakeDecoder(voices=9), SOUND, RATE))[:, 0]
    spectrum = np.abs(np.fft.rfft(audio[:RATE] * np.hanning(RATE)))
    for note in {event.note for _, event in song.events if isinstance(event, NoteOn)}:
        assert spectrum[round(hz(note)) - 1 : round(hz(note)) + 2].max() > 50


def test_patterns_follow_each_other():
    audio, told = play("m24")
    assert sounds(audio, 60, 0.0, 0.5) and sounds(audio, 67, 0.5, 1.0) and "2 patterns" in told


@pytest.mark.parametrize("name", ["m25", "m26"])
def test_a_song_ends_with_its_last_release(name):
    audio, told = play(name)
    assert sounds(audio, 60, 0.0, 0.5) and len(audio) / RATE < 0.6 and "that silence is left out" in told


def random_song(chance, path):
    """Keys that overlap themselves, channels and ports, pedals; every on has its off, every pedal comes up."""
    file = mido.MidiFile(ticks_per_beat=480)
    for port in range(chance.integers(1, 3)):
        events = []
        for _ in range(chance.integers(5, 40)):
            start, length = chance.integers(0, 960), chance.choice([0, 1, 30, 240, 960])
            key, channel = int(chance.integers(58, 64)), int(chance.integers(0, 2))
            events.append((start, mido.Message("note_on", note=key, velocity=90, channel=channel)))
            events.append((start + length, mido.Message("note_off", note=key, channel=channel)))
        for _ in range(chance.integers(0, 6)):
            start, control, channel = chance.integers(0, 960), int(chance.choice([64, 66])), int(chance.integers(0, 2))
            down = {"control": control, "channel": channel, "value": 127}
            events.append((start, mido.Message("control_change", **down)))
            up = start + chance.integers(0, 960)
            events.append((up, mido.Message("control_change", **(down | {"value": 0}))))
        track, now = mido.MidiTrack([mido.MetaMessage("midi_port", port=port)]), 0
        for tick, message in sorted(events, key=lambda event: event[0]):  # an off may stand before its on of that tick
            track.append(message.copy(time=int(tick - now)))
            now = tick
        file.tracks.append(track)
    file.save(path)


@pytest.mark.parametrize("seed", range(20))
def test_every_note_of_songs_made_by_chance_sounds_and_ends(seed, tmp_path):
    for turn in range(10):
        random_song(np.random.default_rng([seed, turn]), tmp_path / "song.mid")
        song = read_song(tmp_path / "song.mid")
        voices = voices_needed(song, SOUND, FAKE_CONFIG)
        synth, keyboard = Synth(FakeDecoder(voices=voices), RATE, voices), Keyboard()
        synth.load(SOUND)
        started = _count_starts(synth)
        for time, event in song.events:
            while synth.samples < round(time * RATE) - 64:
                synth.advance()
            synth.handle(event)
            synth.advance()
            keyboard.take(event)
            assert held(synth) == keyboard.held()
        assert len(started) == len(keyboard.strokes)
        for _ in range(RATE // 64):
            synth.advance()
        assert synth.idle and not keyboard.held()


def _count_starts(synth):
    """A list that grows with every voice that starts."""
    started, start = [], synth._voices.start
    synth._voices.start = lambda *arguments: (started.append(arguments), start(*arguments))
    return started


def held(synth):
    voices = (voice for voice in synth._allocator.voices if voice.playing and not voice.released)
    return sorted((voice.channel, voice.note) for voice in voices)


@pytest.mark.parametrize("count", [300, pytest.param(1_000_000, marks=pytest.mark.long)])
def test_mutants_are_read_or_refused(memory_folder, count):
    """R6, of the songs that once went wrong, and of each some of its beginning."""
    songs = [path.read_bytes() for path in sorted((FIXTURES / "cases").glob("*.mid"))]
    path, chance, read = memory_folder / "song.mid", np.random.default_rng(7), 0
    for _ in range(count):
        content = songs[chance.integers(len(songs))]
        mutant = mutate(content, len(content), chance)
        path.write_bytes(mutant[: chance.integers(len(mutant))] if chance.random() < 0.2 else mutant)
        try:
            song = read_song(path)
        except SynthError as error:
            assert str(error).isprintable()
            continue
        read += 1
        times = [time for time, _ in song.events]
        assert times == sorted(times)
        assert song.seconds >= 0 and "\n" not in song.told
    assert count / 4 < read < count
