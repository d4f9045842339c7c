"""A program that plays our port is killed in the middle of it, again and again: nothing sounds a second later.

And what it bent and pressed is forgotten: the next note is in tune.
"""

import signal
import time

import numpy as np
import pytest

from engine.client import EngineClient
from engine.commands import NoteOn
from tests.engine.playing import frequency
from tests.engine.waiting import wait_until
from tests.jack.conftest import RATE, Capture
from tests.jack.test_play import SINES, connected, until

pytestmark = [pytest.mark.slow, pytest.mark.alone]

GRACE_S = 1.0
HOLDS = """
import sys, time, mido
mido.set_backend("mido.backends.rtmidi/UNIX_JACK")
port = next(name for name in mido.get_output_names() if name.startswith("Manifold") and name.endswith(":in"))
output = mido.open_output(port)
for message in (
    mido.Message("note_on", note=60), mido.Message("control_change", control=66, value=127),
    mido.Message("control_change", control=64, value=127), mido.Message("note_on", note=64),
    mido.Message("pitchwheel", pitch=8191), mido.Message("control_change", control=1, value=127),
    mido.Message("aftertouch", value=127), mido.Message("polytouch", note=64, value=127),
):
    output.send(message)
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def client(jack, preset):
    client = EngineClient(preset=str(preset), program=SINES, polyphony=4, audio="JACK")
    client.start()
    yield client
    client.stop()


@pytest.mark.parametrize("times", [4, pytest.param(100, marks=pytest.mark.long)])
def test_a_killed_sender_leaves_nothing(jack, client, program, tmp_path, times):
    until(client, lambda telemetry: telemetry.audio_device and telemetry.preset, "the engine")
    wait_until(lambda: "Manifold:in" in jack.ports(), "our port")
    for turn in range(times):
        sender = program(HOLDS)
        assert sender.stdout.readline() == "held\n"
        until(client, lambda telemetry: {voice.note for voice in telemetry.voices} == {60, 64}, "both notes")
        time.sleep(0.3)  # until somebody has looked who is connected
        sender.send_signal(signal.SIGKILL if turn % 2 else signal.SIGTERM)
        sender.wait()
        killed = time.monotonic()
        until(client, lambda telemetry: not telemetry.voices, "silence")
        assert time.monotonic() - killed < GRACE_S + 1.0  # a busy machine is given a second more
    capture = Capture(tmp_path / "next.wav")
    wait_until(lambda: connected(jack), "the connection")
    client.send(NoteOn(69, 120))
    until(client, lambda telemetry: telemetry.voices, "the next note")
    time.sleep(1.0)
    audio = capture.stop()
    begin = np.flatnonzero(np.abs(audio[:, 0]) > 0.01)[0] + RATE // 10
    assert frequency(audio[begin : begin + RATE // 2]) == pytest.approx(440, rel=0.003)  # 5 cents
