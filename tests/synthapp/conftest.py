"""Qt without a screen, and what a window needs: a client that records, a library, four named sounds."""

import os

os.environ["QT_QPA_PLATFORM"] = "offscreen"  # before Qt is imported: without a screen it would end the process

import pytest
from PySide6.QtWidgets import QApplication

from presets.library import Library
from synthapp.autosave import Autosave
from synthapp.views import theme
from synthapp.window import Window
from tests.synthapp.fakes import FakeClient, four_sounds


@pytest.fixture(scope="session")
def qapp_cls():
    return DressedApplication


class DressedApplication(QApplication):
    def __init__(self, arguments):
        super().__init__(arguments)
        theme.apply(self)


@pytest.fixture
def client():
    return FakeClient()


@pytest.fixture
def library(tmp_path):
    """One factory preset, 'Four winds', and two of the player's, 'Dawn' and 'Dusk'."""
    factory = Library(tmp_path / "factory")
    factory.save(four_sounds("Four winds", ("Oboe", "Clarinet", "Horn", "Flute")))
    library = Library(tmp_path / "presets", tmp_path / "factory")
    library.save(four_sounds("Dawn"))
    library.save(four_sounds("Dusk", ("Choir", "Organ", "Cello", "Harp"), pad=(0.1, 0.9), parameters={"gain_db": -6.0}))
    return library


@pytest.fixture
def autosave(tmp_path):
    return Autosave(tmp_path / "state")


@pytest.fixture
def window(qtbot, client, library, autosave):
    window = Window(client, library, autosave)
    qtbot.addWidget(window)
    window.open_first("Dawn")
    client.commands.clear()
    window.resize(1280, 800)
    with qtbot.waitExposed(window):
        window.show()
    return window
