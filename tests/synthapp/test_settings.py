"""Settings come back; a damaged file is set aside and told; the command line wins."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from common.errors import SynthError
from engine.commands import OpenAudio, SetPortsMpe
from engine.telemetry import Telemetry
from synthapp.settings import Settings, SettingsFile
from synthapp.window import Window


@pytest.fixture
def settings(tmp_path):
    return SettingsFile(tmp_path / "config")


def test_what_was_kept_is_read_again(settings, tmp_path):
    assert settings.read() == "" and settings.now == Settings()
    settings.change(midi="Keys", octave=72, favourites=("a.manifold",))
    settings.keep()
    again = SettingsFile(tmp_path / "config")
    assert again.read() == "" and again.now == Settings(midi="Keys", octave=72, favourites=("a.manifold",))


def test_nothing_is_written_where_nothing_has_changed(settings):
    settings.keep()
    assert not settings.path.parent.exists()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "truncated"),
        ('{"block": 64', "truncated"),
        ('{"block": "many"}', "block"),
        ('{"block": -1}', "block is -1"),
        ('{"octave": 9000}', "octave is 9000"),
        ("[" * 100000, "settings"),
        ("\xff", "settings"),
    ],
)
def test_a_damaged_file_is_set_aside_and_told_in_one_line(settings, text, named):
    settings.path.parent.mkdir()
    settings.path.write_text(text, encoding="latin-1")
    told = settings.read()
    aside = settings.path.with_name("settings damaged.json")
    assert named in told and str(aside) in told and "\n" not in told
    assert settings.now == Settings() and aside.read_text(encoding="latin-1") == text and not settings.path.exists()


def test_what_is_not_known_is_no_damage(settings):
    settings.path.parent.mkdir()
    settings.path.write_text('{"octave": 48, "from the future": 1}')
    assert settings.read() == "" and settings.now.octave == 48


def test_a_folder_that_cannot_be_made_is_told(settings, tmp_path):
    (tmp_path / "config").write_text("a file")
    assert "cannot be read" in settings.read()
    settings.change(octave=48)
    with pytest.raises(SynthError, match="cannot be kept"):
        settings.keep()


def test_the_command_line_wins(settings):
    settings.change(audio="Kept", midi="Kept", rate=44100, block=64, voices=12)
    settings.ask(audio="Asked", midi=None, rate=None, block=None, voices=4)
    assert settings.now == Settings(audio="Asked", midi="Kept", rate=44100, block=64, voices=4)


@pytest.fixture
def open_window(client, library, autosave, settings, qtbot):
    """Opens the window as at a start: the settings are read anew."""

    def make():
        settings.read()
        window = Window(client, library, autosave, settings=settings)
        qtbot.addWidget(window)
        window.open_first("Dawn")
        window.show()
        return window

    return make


def test_window_port_device_and_octave_come_back(open_window, client):
    first = open_window()
    first.setGeometry(60, 40, 1100, 720)
    first.connections.midi.chosen.emit("Keys")
    first.connections.audio.chosen.emit("USB")
    QTest.keyClick(first.pad, Qt.Key.Key_X)
    first.close()
    second = open_window()
    assert second.height() == 720 and abs(second.y() - 40) < 5  # the test screen is too narrow for the rest
    assert second.keyboard.keys.base == 72
    assert second.piano._letters[72] == "A"
    assert (second.settings.now.midi, second.settings.now.audio) == ("Keys", "USB")


def test_another_device_keeps_rate_and_block(open_window, settings, client):
    settings.change(rate=44100, block=64)
    settings.keep()
    window = open_window()
    client.commands.clear()
    window.connections.audio.chosen.emit("USB")
    assert client.commands == [OpenAudio("USB", 44100, 64)]


def test_settings_that_cannot_be_kept_are_told_once_and_the_state_is_kept_all_the_same(open_window, settings, autosave):
    window = open_window()
    settings.path.parent.write_text("a file where the folder should be")
    QTest.keyClick(window.pad, Qt.Key.Key_X)
    window.pad.moved.emit(0.9, 0.1)
    window._keep_state()
    assert "cannot be kept" in window.notice.text and autosave.path.exists()


def test_favourites_come_first_and_come_back(open_window, library):
    first, winds = open_window(), library.find("Four winds")
    first.presets.favourite_wanted.emit(winds)
    first.close()
    second = open_window()
    assert [second.presets.rows.item(row).text() for row in (0, 1)] == ["Favourites", "Four winds"]
    second.presets.favourite_wanted.emit(winds)
    assert second.presets.rows.item(0).text() == "Yours" and second.settings.now.favourites == ()


def test_mpe_is_chosen_by_port_and_comes_back(open_window, client):
    first = open_window()
    first.connections.show_telemetry(Telemetry(available_midi_ports=("LinnStrument MIDI 1 20:0",)))
    menu = first.connections.mpe.menu_of_ports()
    ports = {action.text(): action.menu() for action in menu.actions()}
    assert list(ports) == ["LinnStrument MIDI 1", "Manifold", "All others"]
    assert [action.isChecked() for action in ports["All others"].actions()] == [True, False, False]
    ports["LinnStrument MIDI 1"].actions()[1].trigger()
    assert client.commands[-1] == SetPortsMpe({"LinnStrument MIDI 1": "on"})
    assert "LinnStrument MIDI 1: on" in first.connections.mpe.accessibleDescription()
    first.close()
    second = open_window()
    assert second.settings.now.mpe == second.connections.mpe.modes == {"LinnStrument MIDI 1": "on"}
    second.connections.mpe_chosen.emit("LinnStrument MIDI 1", "")  # as all others
    assert client.commands[-1] == SetPortsMpe({})
