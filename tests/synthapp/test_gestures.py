"""Random gestures, as mouse and key events on the window: all can be undone, nothing is lost, nothing moves."""

import random

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.telemetry import Telemetry
from presets.file import encode
from presets.preset import EmbeddingSet
from synthapp import undo_file
from synthapp.views import gestures
from synthapp.views.library.preset_row import ENTRY
from synthapp.views.panel import dialogs
from synthapp.window import Window

LEFT, PLAIN = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
NAMES = ("Noon", "Dawn", "Dusk", "Four winds", "<b>&x", "笛" * 56, "a/b")


class Player:
    """Does something with a window, at random. kept : every state of session and library that there was"""

    def __init__(self, open_window, seed):
        self.chance = random.Random(seed)
        self.open_window = open_window
        self.window = open_window("Dawn")
        self.start = self.everything()
        self.sessions, self.files = {self.start[0]}, set(self.start[3].items())
        self.pad = self.window.pad.geometry()

    def everything(self):
        control = self.window.control
        files = {path.name: path.read_bytes() for path in control.library.folder.iterdir()}
        return encode(control.session.snapshot()), control.session.title, control.session.path, files

    def play(self):
        choices, weights = zip(*GESTURES, strict=True)
        self.chance.choices(choices, weights)[0](self)
        now = self.everything()
        self.sessions.add(now[0])
        self.files |= set(now[3].items())
        QApplication.processEvents()
        assert self.window.pad.geometry() == self.pad

    def drag_the_pad(self):
        pad, modifier = self.window.pad, self.chance.choice((PLAIN, SHIFT))
        points = [pad.to_point(self.chance.random(), self.chance.random()).toPoint() for _ in range(4)]
        QTest.mousePress(pad, LEFT, modifier, points[0])
        for point in points[1:]:
            QTest.mouseMove(pad, point)
        QTest.mouseRelease(pad, LEFT, modifier, points[-1])

    def press_arrows(self):
        key = self.chance.choice((Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down))
        QTest.keyClick(self.chance.choice((self.window.pad, self.knob().dial)), key)

    def knob(self):
        window = self.window
        return self.chance.choice([*window.envelope.knobs.values(), *window.voice.knobs.values()])

    def drag_a_knob(self):
        dial = self.knob().dial
        QTest.mousePress(dial, LEFT, PLAIN, dial.rect().center())
        for _ in range(3):
            QTest.mouseMove(dial, dial.rect().center() + QPoint(0, self.chance.randint(-60, 60)))
        QTest.mouseRelease(dial, LEFT, PLAIN, dial.rect().center())

    def turn_the_wheel(self):
        dial = self.knob().dial
        place, turn = QPointF(dial.rect().center()), QPoint(0, self.chance.choice((-120, 120)))
        rest = (Qt.MouseButton.NoButton, PLAIN, Qt.ScrollPhase.NoScrollPhase, False)
        event = QWheelEvent(place, dial.mapToGlobal(place), QPoint(), turn, *rest)
        QApplication.sendEvent(dial, event)

    def reset_a_knob(self):
        QTest.mouseDClick(self.knob().dial, LEFT)

    def type_a_value(self):
        field = self.knob().field
        QTest.mouseClick(field, LEFT)
        field.selectAll()
        QTest.keyClicks(field, str(self.chance.randint(0, 500)))
        QTest.keyClick(field, Qt.Key.Key_Return)

    def choose_a_preset(self):
        rows = self.window.presets.rows
        item = self.chance.choice([item for row in range(rows.count()) if (item := rows.item(row)).data(ENTRY)])
        rows.scrollToItem(item)
        QTest.mouseClick(rows.viewport(), LEFT, PLAIN, rows.visualItemRect(item).center())

    def load_a_sound(self):
        latents = np.full((1, 1, 8, 4), self.chance.random(), np.float32)
        sound = EmbeddingSet(f"own {self.chance.randint(1, 9)}", latents, loop=(2, 5), release=6)
        self.window.loader.loaded.emit(self.chance.randrange(4), sound, "A3 +0 cents")

    def save(self):
        if self.chance.random() < 0.5:
            QTest.keyClick(self.window, Qt.Key.Key_S, CONTROL)
        else:
            QTest.mouseClick(self.window.presets.save, LEFT)

    def save_as(self):
        QTest.mouseClick(self.window.presets.save_as, LEFT)

    def take_from_the_menu(self):
        entry = self.chance.choice(self.window.presets.entries)
        action = self.chance.choice(self.window.presets.menu(entry).actions())
        if action.isEnabled():
            action.trigger()

    def undo_or_redo(self):
        window, back = self.window, self.chance.random() < 0.6
        if self.chance.random() < 0.5:
            QTest.mouseClick(window.status.back if back else window.status.again, LEFT)
        else:
            self.press_undo(back)

    def press_undo(self, back=True):
        self.window.pad.setFocus()
        QTest.keyClick(self.window, Qt.Key.Key_Z, CONTROL if back else CONTROL | SHIFT)

    def play_a_note(self):
        QTest.keyClick(self.window.pad, self.chance.choice((Qt.Key.Key_A, Qt.Key.Key_Z, Qt.Key.Key_Escape)))
        QTest.mouseClick(self.window.piano, LEFT)

    def be_told(self):
        self.window.client.state = Telemetry(notice=self.chance.choice(("", "no audio device", "no MIDI port")))
        self.window.poller.poll()

    def restart(self):
        before = self.everything()
        self.window.close()
        self.window = self.open_window(None)
        assert self.everything() == before


GESTURES = (
    (Player.drag_the_pad, 20), (Player.press_arrows, 8), (Player.drag_a_knob, 12), (Player.turn_the_wheel, 6),
    (Player.reset_a_knob, 3), (Player.type_a_value, 4), (Player.choose_a_preset, 8), (Player.load_a_sound, 6),
    (Player.save, 6), (Player.save_as, 4), (Player.take_from_the_menu, 8), (Player.undo_or_redo, 12),
    (Player.play_a_note, 4), (Player.be_told, 4), (Player.restart, 1),
)  # fmt: skip


@pytest.fixture
def player(qtbot, client, library, autosave, monkeypatch):
    """player(seed) -> a Player; the questions are answered at random."""
    monkeypatch.setattr("send2trash.send2trash", lambda path: path.unlink())
    monkeypatch.setattr(undo_file, "KEPT", 10**6)
    monkeypatch.setattr(gestures, "_PAUSE_S", 0.0)  # every notch of the wheel is looked at

    windows = []  # a window ends with its process: none is taken apart while another lives

    def open_window(wanted):
        window = Window(client, library, autosave)
        windows.append(window)
        qtbot.addWidget(window)
        window.open_first(wanted)
        with qtbot.waitExposed(window):
            window.show()
        return window

    def make(seed):
        player = Player(open_window, seed)
        answers = (*NAMES, None)
        monkeypatch.setattr(
            dialogs, "ask_name", lambda _, title, name, problem="": None if problem else player.chance.choice(answers)
        )
        monkeypatch.setattr(dialogs, "confirm", lambda *_: player.chance.random() < 0.8)
        return player

    yield make
    windows.clear()


@pytest.mark.parametrize(
    ("seed", "count"),
    [(1, 60), (2, 60), *(pytest.param(seed, 1000, marks=pytest.mark.long) for seed in (3, 4, 5))],
)
def test_all_can_be_undone_nothing_is_lost_and_nothing_moves(player, seed, count):
    played = player(seed)
    for _ in range(count):
        played.play()
    while played.window.control.history.redoable:
        played.press_undo(back=False)
    steps = 0
    while played.window.control.history.undoable:
        now = played.everything()
        played.sessions.discard(now[0])
        played.files -= set(now[3].items())
        played.press_undo()
        steps += 1
        assert steps <= 4 * count
    assert played.everything() == played.start
    assert steps > 0.4 * count
    assert played.sessions <= {played.start[0]} and played.files <= set(played.start[3].items())
