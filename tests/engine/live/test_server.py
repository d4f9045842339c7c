"""The engine process's main thread, run in a thread of the test, with sines for a decoder and no devices."""

import math
import threading
import time
from unittest.mock import MagicMock

import pytest
from msgspec.msgpack import encode as pack

from common.errors import ModelError
from engine.commands import (
    ControlChange,
    LetGo,
    LoadPreset,
    NoteOff,
    NoteOn,
    OpenAudio,
    OpenMidi,
    PitchBend,
    ProgramChange,
    Quit,
    Restore,
    SetPad,
    SetParameter,
    TuneKeys,
    TuneMaster,
    TuneScale,
)
from engine.live.chores import Opened
from engine.parameters import Param
from engine.protocol import Exit, encode
from presets.file import write_preset
from presets.library import Library
from presets.programs import Programs
from tests.fakes import FakeDecoder, NoteDecoder, fake_preset, note_preset


@pytest.fixture
def preset(tmp_path):
    path = tmp_path / "fake.manifold"
    write_preset(fake_preset(pad=(0.25, 0.5)), path)
    return str(path)


def test_it_answers_while_it_prepares_and_goes_on_preparing(serve):
    ready = threading.Event()

    def make_slowly(source, options, tell):
        ready.wait(30)
        return Opened(FakeDecoder())

    engine = serve(make_slowly)
    assert "preparing" in engine.poll().notice
    ready.set()
    engine.until(lambda telemetry: telemetry.samples > 0, "sound")
    assert engine.poll().notice == ""


def test_notes_sound_and_end(serve, preset):
    engine = serve()
    engine.send(LoadPreset(preset))
    engine.until(lambda telemetry: telemetry.preset == "Fake", "the preset")
    engine.send(NoteOn(60, 100))
    held = engine.until(lambda telemetry: telemetry.voices and max(telemetry.peak) > 0.01, "the note")
    assert held.voices[0].note == 60
    engine.send(NoteOff(60))
    engine.until(lambda telemetry: not telemetry.voices, "silence")


def test_what_is_set_after_a_preset_wins_over_the_preset(serve, preset):
    engine = serve()
    engine.send(LoadPreset(preset), SetPad(1.0, 0.0), SetParameter(Param.GAIN_DB, -60.0), NoteOn(60, 127))
    engine.until(lambda telemetry: telemetry.pad == (1.0, 0.0), "the pad")
    engine.send(NoteOn(60, 127))
    engine.until(lambda telemetry: telemetry.voices and 0 < max(telemetry.peak) < 0.002, "a note 60 dB down")


def test_a_preset_that_cannot_be_read_changes_nothing(serve, preset, tmp_path):
    engine = serve()
    engine.send(LoadPreset(preset), NoteOn(60, 100))
    engine.until(lambda telemetry: telemetry.preset == "Fake", "the preset")
    engine.send(NoteOn(60, 100), LoadPreset(str(tmp_path / "none.manifold")))
    telemetry = engine.until(lambda telemetry: "none.manifold" in telemetry.notice, "the refusal")
    assert telemetry.preset == "Fake"
    assert engine.until(lambda telemetry: telemetry.pad == (0.25, 0.5), "the preset's pad")
    assert engine.until(lambda telemetry: telemetry.voices, "the note").voices[0].held
    engine.send(LoadPreset(preset))
    engine.until(lambda telemetry: not telemetry.notice, "the end of the notice")


def test_missing_device_and_port_are_named(serve):
    engine = serve()
    engine.send(OpenAudio("no such device"), OpenMidi("no such port"))
    telemetry = engine.until(lambda telemetry: "audio" in telemetry.notice and "MIDI" in telemetry.notice, "notices")
    assert telemetry.audio_device == ""
    assert telemetry.midi_ports == ()
    played = telemetry.samples
    engine.until(lambda telemetry: telemetry.samples > played, "time that goes on without a device")


def test_a_note_that_weights_without_pitch_cannot_reach_is_told_while_it_sounds(serve, tmp_path):
    path = tmp_path / "notes.manifold"
    write_preset(note_preset((36, 60, 84), parameters={"bend_range": 24.0}), path)
    engine = serve(lambda source, options, tell: Opened(NoteDecoder()))
    engine.send(LoadPreset(str(path)))
    engine.until(lambda telemetry: telemetry.preset == "Notes" and not telemetry.notice, "a preset in tune")
    engine.send(NoteOn(71, 100), PitchBend(8191))
    engine.until(lambda telemetry: "more than two octaves" in telemetry.notice, "the line")
    engine.send(PitchBend(0))
    assert engine.until(lambda telemetry: not telemetry.notice, "its end").voices


BROKEN = [
    b"", b"\xc1", b"\xff" * 9, pack(["no", "command"]), pack({"type": "Unheard"}),
    pack({"type": "SetParameter", "param": 999, "value": 1.0}), pack({"type": "NoteOn", "note": "C"}),
    encode(NoteOn(60, 100))[:-1], b"\x91" * 100_000, b"\x81\xa4type\xa2\xff\xff",
]  # fmt: skip


def test_messages_that_it_does_not_know_are_ignored_with_a_line(serve, preset, capfd):
    engine = serve()
    engine.send(LoadPreset(preset))
    engine.until(lambda telemetry: telemetry.preset, "the preset")
    for message in BROKEN:
        engine._connection.send_bytes(message)
    engine.send(LetGo(99), LetGo(-1), TuneKeys(((300, 1.0), (60, math.nan))), TuneScale((1.0,)), TuneMaster(math.inf))
    engine.send(NoteOn(60, 100))
    telemetry = engine.until(lambda telemetry: telemetry.voices, "a note")
    assert telemetry.notice == ""
    told = capfd.readouterr().err.splitlines()
    assert len(told) == len(BROKEN) and all("is ignored" in line for line in told)


@pytest.fixture
def keyboard(monkeypatch, tmp_path):
    """keyboard(event) : as from a port, whose programs are 0: Low, 1: High"""
    for name in ("Low", "High"):
        write_preset(fake_preset(name, pad=(float(name == "High"), 0.0)), tmp_path / f"{name}.manifold")
    (tmp_path / "programs.json").write_text('{"0": ["Low", "High"]}')
    library = Library(tmp_path / "own", tmp_path)
    monkeypatch.setattr("engine.live.chores.Programs", lambda: Programs(library, tmp_path / "programs.json"))
    ports = MagicMock(notice="", listening=(), available=())
    made = MagicMock(return_value=ports)
    monkeypatch.setattr("engine.live.chores.MidiPorts", made)
    return lambda event: made.call_args.args[0](event, time.monotonic())


def test_a_program_change_loads_its_preset_and_the_bend_range_stays(serve, keyboard):
    engine = serve()
    engine.send(Restore(), OpenMidi())
    engine.until(lambda telemetry: telemetry.memory == () and not telemetry.notice, "the port")
    for control, value in ((101, 0), (100, 0), (6, 12)):
        keyboard(ControlChange(control, value, 16))
    memory = engine.until(lambda telemetry: telemetry.memory, "the bend range").memory
    keyboard(ProgramChange(1, 16))
    telemetry = engine.until(lambda telemetry: telemetry.preset == "High" and telemetry.pad == (1.0, 0.0), "High")
    assert telemetry.chosen == 1 and telemetry.preset_path.endswith(b"/High.manifold")
    keyboard(ProgramChange(2, 16))
    telemetry = engine.until(lambda telemetry: "no preset is program 2" in telemetry.notice, "the refusal")
    assert (telemetry.preset, telemetry.memory) == ("High", memory)
    keyboard(ProgramChange(0, 16))
    engine.until(lambda telemetry: telemetry.preset == "Low" and not telemetry.notice, "Low")


def test_weights_that_cannot_be_used_end_it_with_the_reason(serve):
    def refuse(source, options, tell):
        raise ModelError("weights.safetensors: truncated; fetch it again")

    engine = serve(refuse)
    assert engine.end() == Exit.UNUSABLE
    assert engine.last().notice == "weights.safetensors: truncated; fetch it again"


def test_a_defect_while_it_starts_ends_it_too(serve, capsys):
    engine = serve(lambda source, options, tell: 1 / 0)
    assert engine.end() == Exit.UNUSABLE
    assert "ZeroDivisionError" in engine.last().notice


def test_quit_ends_it(serve):
    engine = serve()
    engine.until(lambda telemetry: telemetry.samples > 0, "sound")
    engine.send(Quit())
    assert engine.end() == Exit.DONE


def test_it_ends_when_its_client_is_gone(serve):
    engine = serve()
    engine.hang_up()
    assert engine.end() == Exit.DONE


def test_a_render_thread_that_hangs_ends_it(serve, preset, monkeypatch):
    monkeypatch.setattr("engine.live.server._RENDER_STILL_S", 0.5)
    hanging = threading.Event()

    class Hanging(FakeDecoder):
        def render(self, *arguments):
            super().render(*arguments)
            if hanging.is_set():
                time.sleep(5)

    engine = serve(lambda source, options, tell: Opened(Hanging()))
    engine.send(LoadPreset(preset))
    engine.until(lambda telemetry: telemetry.preset, "the preset")
    hanging.set()
    engine.send(NoteOn(60, 100))
    assert engine.end() == Exit.STALLED
    assert "stands still" in engine.last().notice
    hanging.clear()
