"""Text is at least 4.5:1 against what it stands on, marks 3:1: painted, then measured."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QImage

from engine.parameters import Param
from presets.library import Library
from synthapp.views import theme
from synthapp.views.keys.piano import PianoView
from synthapp.views.keys.piano_layout import KEYS
from synthapp.views.pad.pad import PadView
from synthapp.views.panel.knob import Knob
from synthapp.views.panel.panel import Panel

TEXT, MARK = 4.5, 3.0
FACTORY = [entry for entry in Library().entries() if entry.factory]


def luminance(widget, box):
    """Relative luminance of the pixels in a box. Source: WCAG 2.2."""
    image = widget.grab(box).toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    share = rows[:, : 3 * image.width()].reshape(-1, 3) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4) @ (0.2126, 0.7152, 0.0722)


def contrast(one, other):
    lighter, darker = max(one, other), min(one, other)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.fixture
def shown(qtbot):
    def show(widget, width, height):
        qtbot.addWidget(widget)
        widget.resize(width, height)
        with qtbot.waitExposed(widget):
            widget.show()
        return widget

    return show


def test_names_and_percents_can_be_read_on_every_factory_preset(shown):
    """In the box of a label the text is the lightest, and most of the rest is what it stands on."""
    pad = shown(PadView(), 640, 640)
    assert len(FACTORY) > 20
    for entry in FACTORY:
        pad.set_sounds(entry.corners)
        pad.show_sound((0.5, 0.5), (), now_s=0.0)
        for top in (18, 40, 604 - 20, 604):  # name and percents above, name and percents below
            for left in (20, 596):
                values = luminance(pad, QRect(left, top, 24, 17))
                lightest, ground = values.max(), np.median(values)
                assert contrast(lightest, ground) >= TEXT, (entry.name, top, left)


def test_the_whole_ring_of_a_knob_can_be_seen(shown):
    panel = shown(Panel("Voice", Knob(Param.POSITION)), 120, 140)
    dial = panel.findChild(Knob).dial
    place = dial.mapTo(panel, QPoint(0, 0))
    values = luminance(panel, QRect(place.x(), place.y(), dial.width(), dial.height() // 2))
    ground = luminance(panel, QRect(3, 3, 3, 3)).max()
    track = theme.TRACK
    assert contrast(ground, luminance_of(track)) >= MARK
    assert np.isclose(values, luminance_of(track), atol=0.01).sum() > 20  # and it is what is painted


def luminance_of(color):
    share = np.array(color.getRgbF()[:3])
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4) @ (0.2126, 0.7152, 0.0722)


def test_the_names_of_the_octaves_can_be_read(shown):
    piano = shown(PianoView(), 1240, 92)
    for key in KEYS:
        if key.note % 12 == 0:
            box = QRect(round(key.left * 1240) + 2, 74, round((key.right - key.left) * 1240) - 4, 13)
            values = luminance(piano, box)
            assert contrast(values.min(), np.median(values)) >= TEXT, key.note


@pytest.mark.parametrize("ground", [theme.BACKGROUND, theme.PANEL, theme.RAISED])
def test_the_palette_can_be_read_on_every_ground(ground):
    for ink in (theme.TEXT, theme.DIM, theme.ACCENT, theme.ALERT):
        assert contrast(luminance_of(ink), luminance_of(ground)) >= TEXT
