"""The client and its process: real processes, sines for a decoder, no devices."""

import os
import signal
import subprocess
import sys
from types import SimpleNamespace

import pytest

from common.errors import PresetError, SynthError
from engine import client as client_module
from engine.client import EngineClient, play_headless
from engine.commands import (
    ControlChange,
    LoadPreset,
    NoteOff,
    NoteOn,
    OpenAudio,
    PitchBend,
    SetEffect,
    SetEffects,
    SetPad,
    SetParameter,
    SetTempo,
    TuneMaster,
)
from engine.parameters import Param
from engine.telemetry import Telemetry
from models.checkpoints.source import DEFAULT_SOURCE, Source
from presets.effects import Slot
from presets.file import write_preset
from tests.engine.waiting import wait_until
from tests.fakes import fake_preset

pytestmark = pytest.mark.slow

SINES = "tests.engine.sine_engine"
NOWHERE = {"audio": "no such device", "midi": "no such port"}


@pytest.fixture
def preset(tmp_path):
    path = tmp_path / "fake.manifold"
    write_preset(fake_preset(pad=(0.25, 0.5)), path)
    return str(path)


@pytest.fixture
def start():
    """start(**options) -> a started EngineClient; stopped with the test."""
    clients = []

    def make(**options):
        clients.append(EngineClient(**({"program": SINES} | NOWHERE | options)))
        clients[-1].start()
        return clients[-1]

    yield make
    for each in clients:
        each.stop()


def until(client, condition, what):
    return wait_until(lambda: condition(telemetry := client.telemetry()) and telemetry, what)


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{pid}/stat") as stat:  # a zombie nobody has waited for is gone as well
        return stat.read().rpartition(")")[2].split()[0] != "Z"


def test_it_plays_what_it_is_sent(start, preset):
    client = start(preset=preset)
    until(client, lambda telemetry: telemetry.preset == "Fake" and telemetry.pad == (0.25, 0.5), "the preset")
    client.send(NoteOn(60, 100))
    until(client, lambda telemetry: telemetry.voices and max(telemetry.peak) > 0.01, "the note")


def test_commands_before_the_engine_is_there_are_not_lost(start, preset):
    client = start()
    client.send(LoadPreset(preset))
    client.send(SetPad(1.0, 0.0))
    until(client, lambda telemetry: telemetry.preset == "Fake" and telemetry.pad == (1.0, 0.0), "preset and pad")


def test_stop_ends_the_process_and_start_brings_another(start, preset):
    client = start(preset=preset)
    until(client, lambda telemetry: telemetry.preset, "the preset")
    pid = client.pid
    client.stop()
    assert client.pid is None
    assert not alive(pid)
    client.start()
    until(client, lambda telemetry: telemetry.preset and telemetry.samples, "the preset again")
    assert client.restarts == 0


def test_a_killed_engine_is_replaced_with_preset_pad_and_parameters(start, preset):
    client = start(preset=preset)
    until(client, lambda telemetry: telemetry.preset, "the preset")
    client.send(SetPad(0.75, 1.0))
    client.send(SetParameter(Param.GAIN_DB, -60.0))
    client.send(SetEffect(1, "wet", 0.1))
    client.send(SetEffects((Slot(1, "eq"), Slot(2, "an effect of the future"))))
    client.send(SetEffect(1, "wet", 0.2))
    client.send(SetTempo(90.0))
    assert [type(command) for command in client._first()[2:-4]] == [
        SetPad, SetParameter, SetEffects, SetEffect, SetTempo,
    ]  # fmt: skip
    until(client, lambda telemetry: telemetry.pad == (0.75, 1.0), "the pad")
    killed = client.pid
    os.kill(killed, signal.SIGKILL)
    restarted = until(client, lambda telemetry: client.pid not in (None, killed) and telemetry.pad == (0.75, 1.0), "it")
    assert client.restarts == 1
    assert "SIGKILL" in restarted.notice
    until(client, lambda telemetry: [state.slot for state in telemetry.effects] == [1, 2], "its chain")
    until(client, lambda telemetry: telemetry.preset == "Fake" and telemetry.samples, "the preset")
    client.send(NoteOn(60, 127))
    until(client, lambda telemetry: telemetry.voices and 0 < max(telemetry.peak) < 0.002, "a note 60 dB down")


PLAYED = [
    ControlChange(7, 40), ControlChange(64, 127), PitchBend(8191), ControlChange(101, 0), ControlChange(100, 0),
    ControlChange(6, 12), ControlChange(101, 127), ControlChange(100, 127),
    ControlChange(10, 20, 18), TuneMaster(cents=30.0),
]  # fmt: skip


def test_a_new_engine_knows_what_controllers_told_the_old(start, preset):
    client = start(preset=preset)
    until(client, lambda telemetry: telemetry.preset and telemetry.memory == (), "the preset")
    for event in PLAYED:
        client.send(event)
    memory = until(client, lambda telemetry: len(telemetry.memory or ()) >= 8, "its memory").memory
    for _ in range(2):  # what was restored is remembered as well
        os.kill(client.pid, signal.SIGKILL)
        until(client, lambda telemetry: telemetry.memory is None, "the end of the one before")
        restored = until(client, lambda telemetry: telemetry.memory, "another engine")
        assert restored.memory == memory
    client.send(NoteOn(60, 100))
    client.send(NoteOff(60))
    until(client, lambda telemetry: telemetry.voices and telemetry.voices[0].held, "a note that the pedal holds")


def test_a_preset_whose_name_is_no_text_plays_and_survives_the_engine(start, tmp_path):
    path = os.fsdecode(os.fsencode(tmp_path) + b"/bad\xff.manifold")
    write_preset(fake_preset(), tmp_path / "good.manifold")
    os.rename(tmp_path / "good.manifold", path)
    client = start()
    client.send(LoadPreset(path))
    until(client, lambda telemetry: telemetry.preset == "Fake", "the preset")
    os.kill(client.pid, signal.SIGKILL)
    until(client, lambda telemetry: client.restarts == 1 and telemetry.preset == "Fake" and telemetry.samples, "it")
    client.send(LoadPreset(path + "gone.manifold"))
    until(client, lambda telemetry: "gone.manifold" in telemetry.notice, "the refusal")
    with pytest.raises(SynthError, match="not UTF-8"):
        client.send(OpenAudio("bad\udcff"))
    assert client.telemetry().preset == "Fake"


def test_a_preset_that_a_program_change_chose_is_what_the_next_engine_plays():
    client = EngineClient(preset="first.manifold")
    client._settings[SetPad] = SetPad(0.0, 0.0)
    client._learn(Telemetry(chosen=1, preset_path=b"/there/second.manifold"))
    assert LoadPreset("/there/second.manifold") in client._first()
    assert not any(isinstance(message, SetPad) for message in client._first())


def test_names_that_cannot_be_told_are_refused_at_once():
    with pytest.raises(SynthError, match="not UTF-8"):
        EngineClient(Source("bad\udcff.safetensors"))


def test_an_engine_that_hangs_is_killed_and_replaced(start, preset):
    client = start(preset=preset)
    until(client, lambda telemetry: telemetry.preset, "the preset")
    hung = client.pid
    os.kill(hung, signal.SIGSTOP)
    telemetry = until(client, lambda telemetry: client.restarts == 1 and telemetry.samples, "another engine")
    assert not alive(hung)
    assert "did not answer" in telemetry.notice


def test_an_engine_that_hangs_does_not_hang_the_window(start, preset):
    """Far more than a socket holds is taken without waiting: the test would never end else."""
    client = start(preset=preset)
    until(client, lambda telemetry: telemetry.preset, "the preset")
    os.kill(client.pid, signal.SIGSTOP)
    for step in range(20000):
        client.send(SetPad(step / 20000, 0.0))


def test_weights_that_cannot_be_used_are_told_and_not_tried_again(start, tmp_path):
    client = start(program="engine.live.server", source=Source(str(tmp_path / "none.safetensors")))
    wait_until(lambda: client.telemetry() and client.failure, "the failure")
    assert "none.safetensors" in client.failure
    assert client.telemetry().notice == client.failure
    assert (client.pid, client.restarts) == (None, 0)


def test_the_default_decoder_plays_real_weights(start, instrument):
    client = start(program="engine.live.server", source=Source(str(instrument.weights)), preset=str(instrument.preset))
    until(client, lambda telemetry: telemetry.preset == "Tiny", "the preset")
    client.send(NoteOn(60, 100))
    until(client, lambda telemetry: telemetry.voices and max(telemetry.peak) > 0.0, "the note")


@pytest.mark.parametrize(
    ("program", "wanted_s"),
    [("no_such_engine", [0.25, 0.5, 1.0, 2.0, 4.0, 4.0]), ("stalled_engine", [0.125, 0.125])],
    ids=["dying", "stalled"],
)
def test_an_engine_that_keeps_dying_is_started_ever_more_slowly(start, monkeypatch, capfd, program, wanted_s):
    """One that ended because its device stood still is replaced at the first look (an eighth of a second here)."""
    now_s, pauses_s = 1000.0, []
    monkeypatch.setattr(client_module, "time", SimpleNamespace(monotonic=lambda: now_s))
    client = start(program=f"tests.engine.{program}")
    for deaths in range(len(wanted_s)):
        wait_until(lambda: client.telemetry() and client.pid is None, "its death")
        died_s = now_s
        while client.restarts == deaths:
            now_s += 0.125
            client.telemetry()
        pauses_s.append(now_s - died_s)
    assert pauses_s == wanted_s


PARENT = """
import sys, time
from engine.client import EngineClient
client = EngineClient(program=sys.argv[1], audio="no such device", midi="no such port")
client.start()
while not client.telemetry().samples:
    time.sleep(0.02)
print(client.pid, flush=True)
time.sleep(600)
"""


def test_the_engine_dies_with_its_client():
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, SINES], stdout=subprocess.PIPE, text=True, env=environment()
    ) as parent:
        engine = int(parent.stdout.readline())
        assert alive(engine)
        parent.kill()
    wait_until(lambda: not alive(engine), "the engine's end")


def environment():
    return os.environ | {"PYTHONPATH": str(client_module.ROOT)}


HEADLESS = """
import sys
from engine.client import play_headless
from models.checkpoints.source import Source
play_headless(Source(), sys.argv[1], polyphony=4, audio="no such device", midi="no such port", program=sys.argv[2])
"""


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_headless_says_what_is_there_until_it_is_interrupted(preset, ending):
    with subprocess.Popen(
        [sys.executable, "-c", HEADLESS, preset, SINES], stdout=subprocess.PIPE, text=True, env=environment()
    ) as process:
        seen = next((line for line in process.stdout if line.startswith("Fake | audio: no device | MIDI: no port")), "")
        assert seen, "it never told of the preset"
        process.send_signal(ending)
        assert process.wait(30) == 0


def test_headless_refuses_an_unknown_preset_before_it_starts_anything():
    with pytest.raises(PresetError, match="no preset"):
        play_headless(DEFAULT_SOURCE, "a preset of no such name", program=SINES)


def test_headless_refuses_a_preset_of_other_weights(tmp_path):
    write_preset(fake_preset(model="0" * 16), tmp_path / "other.manifold")
    with pytest.raises(PresetError, match="other weights"):
        play_headless(DEFAULT_SOURCE, str(tmp_path / "other.manifold"), program=SINES)


def test_headless_refuses_weights_that_cannot_be_used(preset, tmp_path):
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with pytest.raises(SynthError, match="none.safetensors"):
        play_headless(Source(str(tmp_path / "none.safetensors")), preset, **NOWHERE)
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == handlers


def test_the_client_imports_nothing_heavy():
    code = "import sys, engine.client; print([n for n in ('numba', 'torch', 'sounddevice') if n in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment(), check=True)
    assert found.stdout.strip() == "[]"
