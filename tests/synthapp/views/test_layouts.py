"""The computer keyboard plays by place, whatever the layout writes there, and shows the layout's letters."""

import ast
import shutil
import subprocess
import sys

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget

from synthapp.views.keys import computer_keyboard
from synthapp.views.keys.computer_keyboard import ComputerKeyboard
from synthapp.views.keys.note_keys import LETTERS
from tests.paths import ROOT

# What the sixteen keys from C upwards write: places A W S E D F T G Y H U J K O L P of a US keyboard.
LAYOUTS = {
    "us": "AWSEDFTGYHUJKOLP",
    "de": "AWSEDFTGZHUJKOLP",
    "fr": "QZSEDFTGYHUJKOLP",
    "ru": "ФЦЫУВАЕПНРГОЛЩДЗ",
}
CODES = (38, 25, 39, 26, 40, 41, 28, 42, 29, 43, 30, 44, 45, 32, 46, 33)  # X11's, of these places
Z, X = 52, 53


@pytest.fixture
def keyboard(qtbot, monkeypatch):
    """A keyboard of a layout that nobody tells beforehand, and what it played."""
    monkeypatch.setattr(computer_keyboard, "letters_in_use", dict)
    keyboard = ComputerKeyboard()
    keyboard.events = []
    keyboard.pressed.connect(lambda note, velocity: keyboard.events.append(("on", note)))
    keyboard.released.connect(lambda note: keyboard.events.append(("off", note)))
    keyboard.widget = QWidget()
    qtbot.addWidget(keyboard.widget)
    keyboard.widget.installEventFilter(keyboard)
    return keyboard


def stroke(keyboard, code, text):
    """A key goes down and up, as Qt tells of it: `key` is the layout's, the code is the place's."""
    key = ord(text.upper()) if text.isascii() else 0x0400 + ord(text.upper()) % 0x100
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, code, 0, 0, text)
        QApplication.sendEvent(keyboard.widget, event)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_place_plays_its_note_and_gets_the_letter_that_is_on_it(keyboard, layout):
    for code, letter in zip(CODES, LAYOUTS[layout], strict=True):
        stroke(keyboard, code, letter.lower())
    notes = range(60, 76)
    assert keyboard.events == [each for note in notes for each in (("on", note), ("off", note))]
    assert keyboard.labels == dict(zip(notes, LAYOUTS[layout], strict=True))


@pytest.mark.parametrize(("layout", "written"), [("us", "zx"), ("de", "yx"), ("fr", "wx"), ("ru", "яч")])
def test_the_octave_keys_are_places_too(keyboard, layout, written):
    stroke(keyboard, X, written[1])
    assert keyboard.keys.base == 72
    stroke(keyboard, Z, written[0])
    assert keyboard.keys.base == 60 and keyboard.events == []


def test_on_a_german_keyboard_the_key_marked_y_moves_no_note_and_z_plays_g_sharp(keyboard):
    stroke(keyboard, CODES[LETTERS.index("Y")], "z")
    assert keyboard.events == [("on", 68), ("off", 68)] and keyboard.labels[68] == "Z"


def test_other_keys_play_nothing(keyboard):
    for code in (9, 10, 34, 65, 94, 200):  # Esc, 1, [, space, <, none of a letter
        stroke(keyboard, code, "a")
    assert keyboard.events == []


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("Xvfb") or not shutil.which("setxkbmap"), reason="needs Xvfb and setxkbmap")
@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_x_server_tells_the_letters_beforehand(layout):
    server = subprocess.Popen(
        ["Xvfb", "-noreset", "-displayfd", "1"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        screen = {"DISPLAY": f":{server.stdout.readline().strip()}", "PATH": "/usr/bin:/bin"}
        subprocess.run(["setxkbmap", layout], env=screen, check=True, stderr=subprocess.DEVNULL)
        code = "from synthapp.views.keys import layout\nprint(layout.letters_in_use())"
        told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=screen, capture_output=True, text=True)
    finally:
        server.kill()
        server.wait()
    assert told.returncode == 0, told.stderr
    letters = ast.literal_eval(told.stdout)
    assert "".join(letters[place] for place in LETTERS) == LAYOUTS[layout]
