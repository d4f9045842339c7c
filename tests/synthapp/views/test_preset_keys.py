"""Presets by keys: the search field, page up and down, equal names, the playing row in view."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from presets.library import Entry
from synthapp.views.library.preset_list import PresetList

SOUNDS = ("Flute", "Bass", "Bell", "Voice")
ENTRIES = [Entry(name, (), SOUNDS, Path(name), False) for name in ("Dawn", "Dusk", "Neon")]
ENTRIES += [
    Entry("broken", (), (), Path("broken"), False, "it is truncated"),
    Entry("Rain", (), SOUNDS, Path("r"), True),
]


@pytest.fixture
def presets(qtbot):
    presets = PresetList()
    qtbot.addWidget(presets)
    presets.loads = []
    presets.load_wanted.connect(lambda entry: (presets.loads.append(entry.name), presets.show_playing(entry.path)))
    presets.show_entries(ENTRIES)
    presets.resize(240, 300)
    with qtbot.waitActive(presets):
        presets.show()
        presets.activateWindow()
    presets.search.setFocus()
    return presets


def press(presets, *keys):
    for key in keys:
        QTest.keyClick(presets.search, key)


def test_enter_loads_the_first_hit(presets):
    presets.search.setText("ne")
    press(presets, Qt.Key.Key_Return)
    assert presets.loads == ["Neon"]


def test_arrow_keys_choose_among_the_hits(presets):
    presets.search.setText("d")
    press(presets, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Return)
    assert presets.loads == ["Dusk"] and presets.search.hasFocus()
    press(presets, Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Return)
    assert presets.loads == ["Dusk", "Dawn"]


def test_escape_clears_the_search_and_only_then_is_the_windows(presets):
    presets.search.setText("d")
    press(presets, Qt.Key.Key_Escape)
    assert presets.search.text() == "" and presets.rows.count() == 7


def test_page_keys_load_what_comes_before_and_after(presets):
    presets.show_playing(Path("Dusk"))
    press(
        presets, Qt.Key.Key_PageDown, Qt.Key.Key_PageDown, Qt.Key.Key_PageDown
    )  # past what cannot be read, to the end
    press(presets, Qt.Key.Key_PageUp)
    assert presets.loads == ["Neon", "Rain", "Neon"]


def test_the_row_that_plays_is_in_view(presets):
    presets.show_entries([replace(ENTRIES[0], name=f"{n:02}", path=Path(str(n))) for n in range(60)])
    presets.show_playing(Path("50"))
    assert presets.rows.viewport().rect().contains(presets.rows.visualItemRect(presets.rows.currentItem()))


def test_equal_names_are_told_apart(presets):
    rain = Entry("rain", (), SOUNDS, Path("mine"), False)
    presets.show_entries([*ENTRIES, rain])
    titles = [presets.rows.item(row).text() for row in range(presets.rows.count())]
    assert "rain (yours)" in titles and "Rain (factory)" in titles
    presets.show_entries([*ENTRIES, rain, replace(rain, path=Path("mine 2"))])
    titles = [presets.rows.item(row).text() for row in range(presets.rows.count())]
    assert "rain (mine)" in titles and "rain (mine 2)" in titles
