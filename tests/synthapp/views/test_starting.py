"""What is shown while the engine cannot play yet."""

import pytest
from PySide6.QtWidgets import QWidget

from engine.telemetry import Telemetry
from synthapp.views.panel.starting import PATIENCE_S, StartingView

STARTING, PLAYING = Telemetry(notice="measuring this machine"), Telemetry(polyphony=8)


@pytest.fixture
def starting(qtbot):
    pad = QWidget()
    qtbot.addWidget(pad)
    pad.resize(600, 500)
    view = StartingView(pad)
    with qtbot.waitExposed(pad):
        pad.show()
    view.pad = pad  # it lives as long
    return view


def test_a_quick_start_shows_nothing_and_a_slow_one_says_why(starting):
    starting.show_telemetry(STARTING, PATIENCE_S - 0.1)
    assert not starting.isVisible()
    starting.show_telemetry(STARTING, 10.0)
    assert starting.isVisible() and "measuring this machine (12 s)" in starting.text
    assert starting.parentWidget().rect().contains(starting.geometry())
    starting.show_telemetry(PLAYING, 0.02)
    assert not starting.isVisible()
    starting.show_telemetry(STARTING, 1.0)  # a new engine: the time counts anew
    assert not starting.isVisible()


def test_a_key_that_cannot_sound_is_refused_visibly(starting):
    starting.refuse()
    assert "no sound" not in starting.text
    starting.show_telemetry(STARTING, 10.0)
    starting.refuse()
    assert "this key made no sound" in starting.text
    starting._calm.timeout.emit()
    assert "this key made no sound" not in starting.text


def test_in_the_window_a_key_before_the_engine_plays_says_so(window, client):
    client.state = Telemetry()
    window.poller._last_s -= 10.0
    before = window.pad.geometry()
    window.poller.poll()
    window.keyboard.pressed.emit(60, 100)
    assert window.starting.isVisible() and "this key made no sound" in window.starting.text
    assert window.pad.geometry() == before
