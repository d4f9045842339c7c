"""The stream on a real server, in freewheel: what is in the ring arrives, frame by frame."""

import numpy as np
import pytest

from tests.engine.waiting import wait_until
from tests.jack.conftest import Capture

pytestmark = [pytest.mark.slow, pytest.mark.alone]

FRAMES = 48000

# PortAudio aborts the process when its server is gone first, so it gets a process of its own.
STREAM = """
import os, sys, time
import numpy as np
from engine.live import stream
stream.refresh()
output = stream.DeviceStream()
output.start()
print(output.label, output.rate, flush=True)
while not os.path.exists(sys.argv[2]):
    time.sleep(0.01)
output.ring.push(np.load(sys.argv[1]))
while output.ring.fill:
    time.sleep(0.01)
print("played", flush=True)
time.sleep(600)
"""


def test_what_is_pushed_arrives_bit_for_bit(jack, program, tmp_path):
    signal = np.random.default_rng(1).uniform(-0.5, 0.5, (FRAMES, 2)).astype(np.float32)
    np.save(tmp_path / "signal.npy", signal)
    process = program(STREAM, tmp_path / "signal.npy", tmp_path / "go")
    assert process.stdout.readline().split() == ["system", "(JACK)", "48000"]
    capture = Capture(tmp_path / "captured.wav")
    wait_until(lambda: "jack_capture:input1" in jack.run("jack_lsp", "-c", "Manifold").stdout, "the connection")
    capture.wait_until_it_records()
    jack.run("jack_freewheel", "y")
    (tmp_path / "go").touch()
    assert process.stdout.readline() == "played\n"
    jack.run("jack_freewheel", "n")
    captured = capture.stop()
    start = int(np.flatnonzero(captured[:, 0])[0])
    assert np.array_equal(captured[start : start + FRAMES], signal)
    assert not captured[start + FRAMES :].any()
