"""Played by another process, heard by a third: the whole way from a key to the loudspeaker, in real time.

The times asserted are generous: a busy machine is late, but never by a note. benchmarks/latency.py measures.
"""

import os
import signal
import time
from dataclasses import replace

import mido
import numpy as np
import pytest

from engine.client import EngineClient
from engine.commands import NoteOn, SetPad
from presets.file import write_preset
from presets.library import load_preset
from tests.engine.playing import frequency
from tests.engine.waiting import wait_until
from tests.jack.conftest import RATE, Capture
from tests.paths import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.alone]

SINES = "tests.engine.sine_engine"
NOTES = (69, 76, 81, 72, 84, 74)  # high: a missed block then moves the measured pitch by a few cents at most
HELD_S, STEP_S = 0.9, 1.0
BUSY = 0.995  # of a second's frames: if jackd's dummy driver counts fewer, server and capture lose time, each its own

HEADLESS = """
import sys
from engine.client import play_headless
from models.checkpoints.source import Source
play_headless(Source(), sys.argv[1], polyphony=4, audio="JACK", program=sys.argv[2])
"""
APP = ROOT / "app.py"
INSTRUMENT = """
import os, sys
command = [sys.executable, sys.argv[1], "play", "--headless", "--preset", sys.argv[2], "--audio", "JACK"]
os.execv(sys.executable, command)
"""
SENDER = """
import ctypes, sys, mido
jack = ctypes.CDLL("libjack.so.0")
jack.jack_client_open.restype, jack.jack_frame_time.restype = ctypes.c_void_p, ctypes.c_uint32
clock = ctypes.c_void_p(jack.jack_client_open(b"clock", 1, None))
mido.set_backend("mido.backends.rtmidi/UNIX_JACK")
port = next(name for name in mido.get_output_names() if name.startswith("Manifold") and name.endswith(":in"))
with mido.open_output(port) as output:
    for message in mido.MidiFile(sys.argv[1]).play():
        if message.type == "note_on":
            print(jack.jack_frame_time(clock), flush=True)
        output.send(message)
"""


@pytest.fixture
def song(tmp_path):
    """NOTES, one a second, each held for most of it; the first has its tempo's default of 960 ticks a second."""
    track = mido.MidiTrack()
    ticks = 480 * 2  # a second at 120 beats a minute
    for number in NOTES:
        track.append(mido.Message("note_on", note=number, velocity=120, time=round((STEP_S - HELD_S) * ticks)))
        track.append(mido.Message("note_off", note=number, time=round(HELD_S * ticks)))
    path = tmp_path / "song.mid"
    mido.MidiFile(tracks=[track]).save(path)
    return path


def connected(jack):
    return jack.run("jack_lsp", "-c", "Manifold audio").stdout.count("jack_capture")


def played_through(engine, jack, program, song, tmp_path):
    """What a third process hears when a second sends the song to a headless engine, and when the notes were sent.

    returns : float32 (frames, 2); frames of the server's clock (notes,)
    """
    ready = next(line for line in engine.stdout if "audio: system (JACK)" in line)
    assert "no device" not in ready
    capture = Capture(tmp_path / "captured.wav")
    wait_until(lambda: connected(jack), "the connection")
    sender = program(SENDER, song)
    assert sender.wait(60) == 0
    sent = np.array([int(line) for line in sender.stdout])
    time.sleep(1.5)  # the last release
    engine.send_signal(signal.SIGTERM)
    assert engine.wait(30) == 0
    return capture.stop(), sent


def check_notes(audio, sent, sung_hz):
    """Every note at its time and pitch, silence after the last. sung_hz : (audio, nominal Hz) -> Hz."""
    mono = audio.sum(1)
    begins = note_begins(mono)
    assert len(begins) == len(sent) == len(NOTES)
    kept_time = np.diff(sent) > BUSY * STEP_S * RATE  # bool (notes - 1,)
    assert np.abs(np.diff(begins - sent))[kept_time].max(initial=0) < 0.1 * RATE
    if kept_time.all():
        assert np.ptp(begins - sent) < 0.1 * RATE
    for begin, number in zip(begins, NOTES, strict=True):
        nominal = 440 * 2 ** ((number - 69) / 12)
        sung = sung_hz(audio[begin + RATE // 10 : begin + round(0.8 * RATE)], nominal)
        assert 1200 * abs(np.log2(sung / nominal)) < 10, f"note {number}"
    after_release = begins[-1] + round((HELD_S + 0.7) * RATE)
    assert mono[after_release:].size > RATE // 4
    assert np.abs(mono[after_release:]).max() < 1e-4


def test_a_midi_file_is_heard_note_by_note(jack, program, preset, song, tmp_path):
    engine = program(HEADLESS, preset, SINES)
    audio, sent = played_through(engine, jack, program, song, tmp_path)
    check_notes(audio, sent, lambda audio, _: frequency(audio))


def test_the_instrument_as_it_ships_plays_it_too(jack, program, song, tmp_path):
    dry = tmp_path / "dry.manifold"  # in its space, notes would begin and end in an echo
    write_preset(replace(load_preset("Woodwind Square"), effects=()), dry)
    engine = program(INSTRUMENT, APP, dry)
    audio, sent = played_through(engine, jack, program, song, tmp_path)
    check_notes(audio, sent, fundamental)


def fundamental(audio, nominal_hz):
    """Hz of the partial nearest to the nominal pitch; there must be one no 30 dB below the strongest."""
    power = np.abs(np.fft.rfft(audio.sum(1) * np.hanning(len(audio)), 1 << 18))
    hz = np.arange(len(power)) * RATE / (1 << 18)
    near = np.flatnonzero(np.abs(12 * np.log2(np.maximum(hz, 1) / nominal_hz)) < 1)
    peak = near[np.argmax(power[near])]
    assert power[peak] > 10 ** (-30 / 20) * power.max()
    return hz[peak]


def note_begins(mono):
    """Frames at which the level rises again after the gap between two notes: the release takes 40 % of its gap."""
    hop = RATE // 200
    level = np.sqrt(np.mean(np.square(mono[: len(mono) // hop * hop].reshape(-1, hop)), axis=1))
    loud = level > 0.5 * level.max()
    held = np.convolve(loud, np.ones(9), "same") > 4  # a missed block is no end of a note
    return np.flatnonzero(np.diff(held.astype(int), prepend=0) == 1) * hop


@pytest.fixture
def client(jack, preset):
    client = EngineClient(preset=preset, program=SINES, polyphony=4, audio="JACK")
    client.start()
    yield client
    client.stop()


def until(client, condition, what):
    return wait_until(lambda: condition(telemetry := client.telemetry()) and telemetry, what)


def test_after_kill_9_the_same_sound_is_back(jack, client, tmp_path):
    until(client, lambda telemetry: telemetry.audio_device and telemetry.preset, "the first engine")
    client.send(SetPad(1.0, 0.0))  # the corner an octave up
    until(client, lambda telemetry: telemetry.pad == (1.0, 0.0), "the pad")
    killed, begin = client.pid, time.monotonic()
    os.kill(killed, signal.SIGKILL)
    until(client, lambda telemetry: client.pid not in (None, killed) and telemetry.audio_device, "another engine")
    print(f"sound is back after {time.monotonic() - begin:.1f} s")
    capture = Capture(tmp_path / "captured.wav")
    wait_until(lambda: connected(jack), "the connection")
    client.send(NoteOn(69, 120))
    until(client, lambda telemetry: telemetry.voices, "the note")
    time.sleep(1.0)
    telemetry = client.telemetry()
    audio = capture.stop()
    loud = np.flatnonzero(np.abs(audio[:, 0]) > 0.01)
    assert frequency(audio[loud[0] + RATE // 10 : loud[0] + RATE // 2]) == pytest.approx(880, rel=0.006)
    assert (telemetry.preset, client.restarts) == ("Fake", 1)


@pytest.mark.parametrize("times", [1, pytest.param(100, marks=pytest.mark.long)])
def test_a_sound_server_that_dies_and_comes_back_is_taken_again(jack, client, times):
    """It ends or is killed under a held note, and is back once an engine plays without it, or at once."""
    until(client, lambda telemetry: telemetry.audio_device, "the device")
    back_s: dict[str, list[float]] = {"later": [], "at once": []}
    for turn in range(times):
        client.send(NoteOn(69, 120))
        until(client, lambda telemetry: telemetry.voices, "a note")
        restarts, comes = client.restarts, "at once" if turn % 4 > 1 else "later"
        jack.stop(signal.SIGKILL if turn % 2 else signal.SIGTERM)
        if comes == "later":
            lost = until(client, lambda telemetry, r=restarts: client.restarts > r and telemetry.samples, "an engine")
            assert lost.audio_device == ""
        jack.start()
        begin = time.monotonic()
        back = until(client, lambda telemetry, r=restarts: client.restarts > r and telemetry.audio_device, "JACK")
        back_s[comes].append(time.monotonic() - begin)
        assert (back.audio_device, back.preset, back.voices) == ("system (JACK)", "Fake", ())
    for comes, seconds in back_s.items():
        if seconds:
            print(f"server {comes}, {len(seconds)} times: {np.median(seconds):.1f} s, {max(seconds):.1f} s at most")


def test_a_sound_server_that_starts_later_is_taken(jack, client):
    jack.stop()
    until(client, lambda telemetry: telemetry.samples and not telemetry.audio_device, "an engine without a device")
    jack.start()
    until(client, lambda telemetry: telemetry.audio_device == "system (JACK)", "JACK")


@pytest.mark.parametrize("jack", [1024, 4096, 8192], indirect=True)
def test_nothing_is_lost_of_a_long_period(jack, client, tmp_path):
    """PortAudio gives it away in pieces of 1024 frames; a machine that stalls may miss a few, never a piece of each."""
    until(client, lambda telemetry: telemetry.audio_device and telemetry.preset, "the device")
    time.sleep(1.0)
    capture = Capture(tmp_path / "captured.wav")
    wait_until(lambda: connected(jack), "the connection")
    client.send(NoteOn(69, 120))
    until(client, lambda telemetry: telemetry.voices, "the note")
    before = client.telemetry().xruns
    for _ in range(100):
        client.telemetry()
        time.sleep(0.03)
    missed = client.telemetry().xruns - before
    audio = capture.stop()[:, 0]
    sounding = audio[np.flatnonzero(np.abs(audio) > 0.01)[0] :]
    silent = np.abs(sounding[: sounding.size // 256 * 256].reshape(-1, 256)).max(1) < 0.005
    assert missed < 10 and silent.mean() < 0.07, f"{missed} misses, {silent.mean():.0%} silent"
