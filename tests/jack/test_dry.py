"""Four outputs: the sound, and the same before effects and limiter, in step."""

import numpy as np
import pytest

from engine.client import EngineClient
from engine.commands import NoteOn, SetEffects
from presets.effects import Slot
from tests.engine.waiting import wait_until
from tests.jack.conftest import RATE, Capture
from tests.jack.test_play import SINES, until

pytestmark = [pytest.mark.slow, pytest.mark.alone]

SECOND = RATE * 4 * 4  # bytes


def test_wet_and_dry_are_in_step(jack, preset, tmp_path):
    client = EngineClient(preset=str(preset), program=SINES, polyphony=4, dry=True)
    client.start()
    until(client, lambda telemetry: telemetry.audio_device == "JACK, wet and dry" and telemetry.preset, "the engine")
    assert "Manifold out:wet_1" in jack.run("jack_lsp", "-c", "system:playback_1").stdout
    ports = [f"Manifold out:{name}" for name in ("wet_1", "wet_2", "dry_1", "dry_2")]
    capture = Capture(tmp_path / "four.wav", "--channels", "4", *(word for port in ports for word in ("--port", port)))
    wait_until(lambda: "jack_capture:input4" in jack.run("jack_lsp", "-c", ports[3]).stdout, "the connection")
    capture.wait_until_it_records()
    client.send(NoteOn(60, 100))
    until(client, lambda telemetry: max(telemetry.peak) > 0.01, "the note")
    grow = (tmp_path / "four.wav").stat().st_size + SECOND
    wait_until(lambda: (tmp_path / "four.wav").stat().st_size > grow, "a second")
    client.send(SetEffects((Slot(1, "eq", parameters={"low_db": 12.0}),)))
    until(client, lambda telemetry: telemetry.effects, "the chain")
    wait_until(lambda: (tmp_path / "four.wav").stat().st_size > grow + 2 * SECOND, "two seconds more")
    four = capture.stop()
    client.stop()
    begin = int(np.flatnonzero(np.abs(four[:, 2]) > 0.01)[0])
    early, late = four[begin : begin + RATE // 2], four[-RATE // 2 :]
    assert np.array_equal(early[:, :2], early[:, 2:]) and np.std(early) > 0.01
    assert np.std(late[:, :2]) > 1.05 * np.std(late[:, 2:]) > 0.0
