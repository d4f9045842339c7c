"""The commands `notes render` and `notes check`."""

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.models.data.font_writer import write_font
from tests.paths import ROOT


def test_render_then_check(manifold, tmp_path, caplog):
    font, folder = write_font(tmp_path / "sine.sf2", (0, 73)), tmp_path / "notes"
    options = ("--programs", "flute,0, 73,oboe", "--step", "36", "--velocities", "100,100")
    outcome = manifold("notes", "render", font, "-o", folder, *options)
    assert (outcome.status, outcome.err) == (0, "")
    assert f"5 notes in {folder}/train, 0 notes in {folder}/valid" in outcome.out
    assert caplog.messages == ["sine.sf2: no program 68 (oboe), skipped"]
    outcome = manifold("notes", "check", folder)
    assert outcome.status == 0
    assert f"{folder}/train: 5 notes, 2 instruments, 0 corrupt" in outcome.out
    assert "  family   flute: 2, keyboard: 3\n" in outcome.out
    assert "  velocity 100: 5\n" in outcome.out
    (folder / "train" / "audio" / "flute_acoustic_073-060-100.wav").write_bytes(b"")
    outcome = manifold("notes", "check", folder / "train")
    assert outcome.status == 1
    assert f"{folder}/train: 4 notes, 2 instruments, 1 corrupt" in outcome.out
    assert "flute_acoustic_073-060-100.wav cannot be read" in outcome.out


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("check", "nowhere"), "manifold: notes nowhere: has neither"),
        (("render", "-o", "x", "--step", "0"), "manifold: --step 0: at least 1"),
        (("render", "-o", "x", "--velocities", "64,128"), "manifold: --velocities 128: from 1 to 127"),
        (("render", "-o", "x", "--velocities", "64,"), "manifold: --velocities : from 1 to 127"),
        (("render", "-o", "x", "--velocities", "loud"), "manifold: --velocities loud: from 1 to 127"),
        (("render", "-o", "x", "--programs", "theremin"), "manifold: program 'theremin': not among"),
        (("render", "no.sf2", "-o", "x"), "manifold: sound font no.sf2: cannot be read"),
    ],
)
def test_wrong_input_is_one_clear_line(manifold, tmp_path, monkeypatch, arguments, line):
    monkeypatch.chdir(tmp_path)
    outcome = manifold("notes", *arguments)
    assert outcome.status == 1
    assert outcome.err.startswith(line) and outcome.err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_an_interrupted_rendering_says_that_it_goes_on(tmp_path):
    font, folder = write_font(tmp_path / "sine.sf2", (0, 73)), tmp_path / "notes"
    options = ["--programs", "flute,0", "--step", "1", "-o", folder]
    command = [sys.executable, "app.py", "notes", "render", font, *options]
    process = subprocess.Popen(command, cwd=ROOT, env=dict(os.environ), stderr=subprocess.PIPE, text=True)
    while not list(folder.rglob("*.wav")) and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130 and err == "manifold: interrupted; the same command goes on from here\n"
    assert not list(folder.rglob("examples.json"))
