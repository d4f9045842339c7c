"""A MIDI file played offline: time, tempo, pedals, and files that are no MIDI files."""

import mido
import numpy as np
import pytest

from common.errors import SynthError
from engine.commands import NoteOff, NoteOn, SetTempo
from engine.offline import render
from engine.offline.songfile import read_song
from engine.voice.sound import Sound
from tests.engine.playing import cents, frequency, level_db, whole
from tests.fakes import FAKE_CONFIG, FakeDecoder, fake_preset

RATE = 48000
SOUND = Sound.from_preset(fake_preset(parameters={"release_ms": 50.0}), FAKE_CONFIG)


def save(path, *tracks, **options):
    """A file with these tracks of (method, arguments); 480 ticks a beat, 0.5 s a beat."""
    file = mido.MidiFile(**({"ticks_per_beat": 480} | options))
    for track in tracks:
        file.tracks.append(mido.MidiTrack(track))
    file.save(path)
    return path


def note(number, start, length, channel=0):
    return [
        mido.Message("note_on", note=number, velocity=100, time=start, channel=channel),
        mido.Message("note_off", note=number, time=length, channel=channel),
    ]


def render_song(path, *arguments, **options):
    return whole(render.render_song(read_song(path), *arguments, **options))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "song.mid"


def test_tempo_map_and_tracks(path):
    tempo = [mido.MetaMessage("set_tempo", tempo=1_000_000, time=480)]
    save(path, tempo, note(60, 480, 480), note(64, 240, 960))
    song = read_song(path)
    events, seconds = song.events, song.seconds
    assert [(round(time, 6), event) for time, event in events] == [
        (0.25, NoteOn(64, 100)),
        (0.5, SetTempo(60.0)),
        (0.5, NoteOn(60, 100)),
        (1.5, NoteOff(60)),
        (2.0, NoteOff(64)),
    ]
    assert seconds == pytest.approx(2.0)


def test_smpte_time(path):
    save(path, note(60, 0, 1000), ticks_per_beat=-25 * 256 + 40)
    assert read_song(path).seconds == pytest.approx(1.0)


def test_drums_are_left_out_unless_alone(path):
    save(path, note(60, 0, 480), note(36, 0, 480, channel=9))
    assert [event.note for _, event in read_song(path).events] == [60, 60]
    save(path, note(36, 0, 480, channel=9))
    assert [event.note for _, event in read_song(path).events] == [36, 36]


def test_every_note_at_its_time_and_pitch(path):
    numbers = (45, 69, 81)
    save(path, [message for number in numbers for message in note(number, 480, 480)])
    audio = render_song(path, FakeDecoder(), SOUND, RATE)
    for index, number in enumerate(numbers):
        start = int((0.5 + index) * RATE)
        assert level_db(audio[start - RATE // 10 : start - 20]) < -80
        begin = start + int(np.argmax(np.abs(audio[start:, 0]) > 0.005))
        assert (begin - start) / RATE < 0.003
        middle = audio[start + RATE // 10 : start + RATE // 2]
        assert abs(cents(frequency(middle), 440 * 2 ** ((number - 69) / 12))) < 3
    assert 3.0 < len(audio) / RATE < 3.2
    assert level_db(audio[-RATE // 200 :]) < -80


def test_notes_left_down_end_with_the_song(path):
    save(path, [mido.Message("note_on", note=60, time=0), mido.MetaMessage("end_of_track", time=960)])
    assert len(render_song(path, FakeDecoder(), SOUND, RATE)) / RATE == pytest.approx(1.05, abs=0.02)


def test_pad_seed_and_progress(path):
    save(path, note(69, 0, 960))
    shares = []
    audio = render_song(path, FakeDecoder(), SOUND, RATE, pad=(1.0, 0.0), seed=3, progress=shares.append)
    assert frequency(audio[RATE // 10 : RATE]) == pytest.approx(880, abs=1)
    assert shares == sorted(shares)
    assert 0.0 < shares[0] <= shares[-1] <= 1.0
    np.testing.assert_array_equal(audio, render_song(path, FakeDecoder(), SOUND, RATE, pad=(1.0, 0.0), seed=3))


def test_a_song_without_notes_is_refused(path):
    save(path, [])
    with pytest.raises(SynthError, match="song.mid: has no notes"):
        render_song(path, FakeDecoder(), SOUND, RATE)


@pytest.mark.parametrize("content", [b"", b"MThd", b"hello world, this is no song", b"RIFF\0\0\0\0WAVE" * 9])
def test_no_midi_file(path, content):
    path.write_bytes(content)
    with pytest.raises(SynthError) as raised:
        read_song(path)
    assert "\n" not in str(raised.value)
    assert str(path) in str(raised.value)


def test_a_missing_file(path):
    with pytest.raises(SynthError, match="no such file"):
        read_song(path)


def test_a_song_without_end(path):
    save(path, *[note(60, 2**28 - 1, 2**28 - 1)])
    with pytest.raises(SynthError, match="minutes"):
        read_song(path)
