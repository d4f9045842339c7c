"""A killed engine comes back with what this window plays, whatever became of the preset's file since."""

import os
import signal

import pytest

from engine.client import EngineClient
from engine.commands import NoteOn
from models.checkpoints.source import DEFAULT_SOURCE
from presets.library import Library
from synthapp.autosave import Autosave
from synthapp.preset_control import PresetControl
from tests.engine.waiting import wait_until
from tests.fakes import fake_preset

pytestmark = pytest.mark.slow


def test_a_killed_engine_plays_a_preset_that_was_deleted_and_not_that_of_another_window(tmp_path, monkeypatch):
    monkeypatch.setattr("send2trash.send2trash", lambda path: path.unlink())
    library = Library(tmp_path / "presets", tmp_path / "factory")
    mine = library.save(fake_preset())
    client = EngineClient(audio="no such device", midi="no such port", program="tests.engine.sine_engine")
    control = PresetControl(client, library, Autosave(tmp_path / "state"), DEFAULT_SOURCE, lambda _: DEFAULT_SOURCE)
    client.start()
    try:
        control.open_first("Fake")
        control.move_pad(0.75, 0.25)
        control.keep()
        wait_until(lambda: (now := client.telemetry()).preset == "Fake" and now.pad == (0.75, 0.25), "the preset")
        control.delete(mine)
        (tmp_path / "state" / "last.manifold").unlink()  # and what another window wrote could as well be there
        killed = client.pid
        os.kill(killed, signal.SIGKILL)
        wait_until(lambda: client.telemetry().preset == "Fake" and client.pid not in (None, killed), "another engine")
        wait_until(lambda: client.telemetry().pad == (0.75, 0.25) and client.telemetry().samples, "the pad")
        client.send(NoteOn(60, 127))
        wait_until(lambda: (now := client.telemetry()).voices and max(now.peak) > 0.01, "the note")
    finally:
        client.stop()
