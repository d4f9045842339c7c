"""Presets that another program makes beside the open window, as `factory` does."""

from presets.file import write_new_preset
from tests.synthapp.fakes import four_sounds


def test_they_are_listed_by_themselves(window, library, qtbot):
    write_new_preset(four_sounds("Made beside"), library.folder / "Made beside.manifold")
    qtbot.waitUntil(lambda: "Made beside" in {entry.name for entry in window.presets.entries}, timeout=20000)
