"""What a headless engine plays on JACK is kept as a take, which `take` plays again: the same bits that were heard."""

import os
import signal
import subprocess
import sys

import mido
import numpy as np
import pytest
import soundfile

from tests.engine.waiting import wait_until
from tests.jack.conftest import RATE, Capture
from tests.jack.test_play import connected
from tests.paths import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.alone]

PLAYS = """
import time, mido
mido.set_backend("mido.backends.rtmidi/UNIX_JACK")
port = next(name for name in mido.get_output_names() if name.startswith("Manifold") and name.endswith(":in"))
output = mido.open_output(port)
def send(pause, *arguments, **fields):
    output.send(mido.Message(*arguments, **fields)); time.sleep(pause)
for note in (48, 55, 60):
    send(0.1, "note_on", note=note, velocity=90)
for value in range(0, 128, 8):
    send(0.02, "control_change", control=1, value=value)
send(0.3, "pitchwheel", pitch=4000)
for note in (48, 55, 60):
    send(0.05, "note_off", note=note)
time.sleep(0.5)
"""

PIECE = 1024  # frames that are looked for at once


def test_a_take_is_what_was_heard(jack, program, tmp_path):
    command = [sys.executable, str(ROOT / "app.py"), "play", "--headless", "--audio", "JACK", "--polyphony", "4"]
    engine = subprocess.Popen([*command, "--record", str(tmp_path / "a.take")], stdout=subprocess.PIPE, text=True)
    wait_until(lambda: "Manifold audio:out_0" in jack.ports() and "Manifold:in" in jack.ports(), "the engine")
    capture = Capture(tmp_path / "captured.wav")
    wait_until(lambda: connected(jack), "the connection")
    capture.wait_until_it_records()
    assert program(PLAYS).wait(60) == 0
    heard = capture.stop()
    engine.send_signal(signal.SIGINT)
    output, _ = engine.communicate(timeout=60)
    assert "a.take" in output
    again = [sys.executable, str(ROOT / "app.py"), "take", str(tmp_path / "a.take"), "-o", str(tmp_path / "a.wav")]
    subprocess.run([*again, "--midi", str(tmp_path / "a.mid")], check=True, env=os.environ)
    taken, rate = soundfile.read(tmp_path / "a.wav", dtype="float32")
    assert rate == RATE
    loud = np.flatnonzero(np.abs(heard[:, 0]) > 1e-3)[0]
    pieces = [heard[at : at + PIECE] for at in range(loud, loud + RATE, PIECE)]
    assert np.mean([_within(taken, piece) for piece in pieces]) > 0.9  # a machine that stalls may miss a block
    notes = [message.note for message in mido.MidiFile(tmp_path / "a.mid") if message.type == "note_on"]
    assert notes == [48, 55, 60]


def _within(taken, piece):
    """Whether a piece is somewhere in the take, bit for bit."""
    begins = np.flatnonzero(taken[:, 0] == piece[0, 0])
    return any(np.array_equal(taken[at : at + len(piece)], piece) for at in begins)
