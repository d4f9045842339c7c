"""Other programs give the tempo and play over OSC: mido's clock, a JACK timebase master, oscsend."""

import shutil
import subprocess

import pytest

from engine.client import EngineClient
from tests.engine.waiting import wait_until
from tests.jack.test_play import SINES, until

pytestmark = [pytest.mark.slow, pytest.mark.alone]

CLOCK = """
import sys, time, mido
mido.set_backend("mido.backends.rtmidi/UNIX_JACK")
port = next(name for name in mido.get_output_names() if name.startswith("Manifold") and name.endswith(":in"))
output, tick, due = mido.open_output(port), 60.0 / (float(sys.argv[1]) * 24), time.monotonic()
while True:
    output.send(mido.Message("clock"))
    due += tick
    time.sleep(max(due - time.monotonic(), 0.0))
"""
MASTER = """
import sys, time, jack
client = jack.Client("Master")

@client.set_timebase_callback
def tell(state, frames, position, new):
    position.valid = jack._lib.JackPositionBBT
    position.bar = position.beat = 1
    position.beats_per_bar = position.beat_type = 4.0
    position.ticks_per_beat = 1920.0
    position.beats_per_minute = float(sys.argv[1])

with client:
    client.transport_start()
    print("master", flush=True)
    time.sleep(60)
"""
OSC = 0


@pytest.fixture
def client(jack, preset):
    client = EngineClient(preset=str(preset), program=SINES, polyphony=4, audio="JACK", osc=OSC)
    client.start()
    until(client, lambda telemetry: telemetry.audio_device and telemetry.preset, "the engine")
    yield client
    client.stop()


def tempo_comes(client, bpm, source):
    """Within half a beat a minute: sender and receiver share a busy machine."""
    until(
        client, lambda seen: abs(seen.tempo - bpm) < 0.5 and seen.tempo_source == source, f"{bpm} bpm of the {source}"
    )


def test_a_midi_clock_gives_the_tempo(jack, client, program):
    wait_until(lambda: "Manifold:in" in jack.ports(), "our port")
    sender = program(CLOCK, 93.0)
    tempo_comes(client, 93.0, "clock")
    sender.kill()
    sender.wait()
    program(CLOCK, 141.0)
    tempo_comes(client, 141.0, "clock")


def test_jacks_transport_gives_the_tempo(jack, client, program):
    master = program(MASTER, 87.5)
    assert master.stdout.readline() == "master\n"
    tempo_comes(client, 87.5, "transport")


@pytest.mark.skipif(not shutil.which("oscsend"), reason="apt install liblo-tools")
def test_osc_plays_and_moves_the_pad(client):
    port = until(client, lambda seen: seen.osc_port, "the OSC port").osc_port

    def send(*message):
        subprocess.run(["oscsend", "localhost", str(port), *message], check=True)

    send("/manifold/pad", "ff", "0.25", "0.75")
    send("/manifold/tempo", "f", "77")
    send("/manifold/note/on", "ii", "64", "100")
    seen = until(client, lambda seen: seen.voices and max(seen.peak) > 0.001, "the note")
    assert seen.voices[0].note == 64
    until(client, lambda seen: seen.pad == (0.25, 0.75) and seen.tempo == 77.0, "pad and tempo")
    send("/manifold/note/off", "i", "64")
    until(client, lambda seen: not seen.voices, "silence")
    send("/manifold/pad", "f", "7")
    until(client, lambda seen: "OSC: /manifold/pad: 7.0 does not fit it" in seen.notice, "the complaint")
