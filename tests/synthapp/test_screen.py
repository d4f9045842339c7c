"""A screen that is not there is one line; Qt would abort."""

import os
import socket
import subprocess
import sys

import pytest

from synthapp.screen import screen_fault
from tests.paths import ROOT

NAMES = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "XDG_RUNTIME_DIR")
DEAD = ":9731"


@pytest.fixture
def environment(monkeypatch):
    """environment(DISPLAY=..., ...): these alone are set."""

    def put(**values):
        for name in NAMES:
            monkeypatch.delenv(name, raising=False)
        for name, value in values.items():
            monkeypatch.setenv(name, value)

    return put


@pytest.fixture
def listening():
    """listening(address): a server answers there until the test ends."""
    servers = []

    def listen(address):
        servers.append(socket.socket(socket.AF_UNIX))
        servers[-1].bind(address)
        servers[-1].listen()

    yield listen
    for server in servers:
        server.close()


def test_no_name_is_no_screen(environment):
    environment()
    assert screen_fault() == "there is no screen"


@pytest.mark.parametrize("screen", [DEAD, f"{DEAD}.0", f"unix{DEAD}"])
def test_a_display_that_does_not_answer_is_named(environment, screen):
    environment(DISPLAY=screen)
    assert screen_fault() == f"DISPLAY={screen} is no screen"


def test_a_display_that_answers_is_one(environment, listening):
    listening("\0/tmp/.X11-unix/X9732")
    environment(DISPLAY=":9732.0")
    assert screen_fault() == ""


def test_one_of_two_that_answers_will_do(environment, listening, tmp_path):
    environment(WAYLAND_DISPLAY="wayland-7", DISPLAY=DEAD, XDG_RUNTIME_DIR=str(tmp_path))
    assert screen_fault() == f"WAYLAND_DISPLAY=wayland-7, DISPLAY={DEAD} is no screen"
    listening(str(tmp_path / "wayland-7"))
    assert screen_fault() == ""


@pytest.mark.parametrize("values", [{"DISPLAY": "far.away:0"}, {"QT_QPA_PLATFORM": "offscreen"}])
def test_what_cannot_be_asked_is_trusted(environment, values):
    environment(**values)
    assert screen_fault() == ""


def test_the_instrument_says_so_and_does_not_abort():
    variables = {name: value for name, value in os.environ.items() if name not in NAMES} | {"DISPLAY": DEAD}
    done = subprocess.run([sys.executable, "app.py"], cwd=ROOT, env=variables, capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert f"DISPLAY={DEAD} is no screen" in done.stderr and "./run.sh render" in done.stderr
