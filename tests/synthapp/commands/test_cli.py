"""The commands, as a user gives them."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile

from models import checkpoints
from models.checkpoints.source import Source
from synthapp.commands import cli, doctor, project
from tests.engine.waiting import wait_until
from tests.paths import ROOT

SMALL = ROOT / "tests" / "fixtures" / "magenta-small" / "model.ckpt-1234"


def sine(path, seconds=0.5, rate=16000, channels=1):
    times = np.arange(int(seconds * rate)) / rate
    audio = np.sin(2 * np.pi * 440 * times) * 0.3
    soundfile.write(path, np.repeat(audio[:, None], channels, axis=1), rate)
    return path


def test_help_lists_the_commands(manifold):
    outcome = manifold("--help")
    assert outcome.status == 0
    names = ("play", "render", "encode", "decode", "import", "presets", "bench", "doctor")
    for command in (*names, "notes", "train", "factory", "evaluate"):
        assert f"\n  {command} " in outcome.out


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_is_there_and_its_help_begins_with_its_line(manifold, name):
    _, line = cli.COMMANDS[name]
    outcome = manifold(name, "--help")
    assert outcome.status == 0 and f" {name} [OPTIONS]" in outcome.out.splitlines()[0]
    assert " ".join(outcome.out.split("\n\n", 1)[1].split()).startswith(line)


def test_the_version_is_the_projects(manifold):
    outcome = manifold("--version")
    assert (outcome.status, outcome.out) == (0, f"manifold {project.version()}\n")
    assert project.version() == tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


def test_an_installed_program_knows_its_version_and_packages_too(monkeypatch, tmp_path):
    monkeypatch.setattr(project, "ROOT", tmp_path)
    monkeypatch.setattr("importlib.metadata.version", {"manifold": "9.8"}.__getitem__)
    lines = ["numpy>=2", "PySide6-Essentials<7,>=6", 'torch>=2; extra == "encode"', 'numpy; extra == "encode"']
    monkeypatch.setattr("importlib.metadata.requires", {"manifold": lines}.__getitem__)
    assert project.version() == "9.8"
    assert project.packages() == {"numpy": True, "PySide6-Essentials": True, "torch": False}


def test_doctor_looks_for_every_package_of_the_project():
    wanted = {name for name, needed in project.packages().items() if needed}
    assert wanted >= doctor.TO_RENDER and {"PySide6-Essentials", "python-rtmidi", "typer"} <= wanted


@pytest.mark.parametrize(
    ("needed", "ok", "fatal"),
    [({"numpy": True, "absent": False}, True, False), ({"absent": True}, False, False)],
    ids=["an extra", "to play"],
)
def test_doctor_tells_extras_from_what_playing_needs(monkeypatch, needed, ok, fatal):
    monkeypatch.setattr(project, "packages", lambda: needed)
    finding = doctor._packages()
    assert (finding.ok, finding.fatal) == (ok, fatal) and "absent" in finding.what


def test_help_and_presets_need_neither_torch_nor_qt_nor_numba(tmp_path):
    code = (
        "import sys; from synthapp.commands import cli\n"
        "for line in sys.argv[1:]:\n"
        "    try: cli.app(line.split())\n"
        "    except SystemExit: pass\n"
        "    print(line, sorted({'torch', 'PySide6', 'numba', 'scipy'} & set(sys.modules)))"
    )
    light = ["--help", "--version", "presets", *(f"{name} --help" for name in cli.COMMANDS)]
    light = [line for line in light if not line.startswith(("notes", "train"))]  # they show the defaults of the work
    done = subprocess.run(
        [sys.executable, "-c", code, *light],
        cwd=ROOT, env=os.environ | {"XDG_DATA_HOME": str(tmp_path)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert all(f"\n{line} []\n" in done.stdout for line in light)


def test_render_writes_a_stereo_file(manifold, instrument, song, tmp_path):
    output = tmp_path / "out.wav"
    outcome = manifold(
        "render", song, "-o", output, "--preset", instrument.preset, "--weights", instrument.weights, "--rate", 44100
    )
    assert (outcome.status, outcome.err) == (0, "")
    audio, rate = soundfile.read(output, dtype="float32")
    assert rate == 44100 and audio.ndim == 2 and audio.shape[1] == 2
    assert len(audio) > 1.0 * rate and np.isfinite(audio).all()
    assert 0.001 < np.abs(audio).max() < 1.0
    assert soundfile.info(output).subtype == "FLOAT"


@pytest.mark.slow
def test_without_a_song_the_minuet_is_rendered(manifold, instrument, tmp_path):
    output = tmp_path / "out.wav"
    outcome = manifold("render", "-o", output, "--preset", instrument.preset, "--weights", instrument.weights)
    assert (outcome.status, outcome.err) == (0, "")
    assert soundfile.info(output).duration > 48  # 32 bars of three beats, 116 a minute


def test_a_seed_makes_a_take_reproducible(manifold, instrument, song, tmp_path):
    def take(name):
        arguments = ["--preset", instrument.preset, "--weights", instrument.weights, "--seed", 3]
        assert manifold("render", song, "-o", tmp_path / name, *arguments).status == 0
        return (tmp_path / name).read_bytes()

    first, second = take("a.wav"), int(time.time())
    wait_until(lambda: int(time.time()) > second, "the next second")  # no time of day may be in the file
    assert take("b.wav") == first


def test_effects_are_heard_to_their_end_and_without_them_it_is_dry(manifold, instrument, song, tmp_path):
    def take(*options):
        output = tmp_path / "out.wav"
        arguments = ["--preset", instrument.preset, "--weights", instrument.weights, *options]
        assert manifold("render", song, "-o", output, *arguments).status == 0
        return soundfile.read(output, dtype="float32")[0]

    dry, wet = take(), take("--effect", "reverb:wet=0.3")
    assert len(wet) > len(dry) + 24000 and np.abs(wet[len(dry) :]).max() > 1e-4
    assert np.abs(wet[:, 0] - wet[:, 1]).max() > 1e-3
    assert take("--no-effects").tobytes() == take("--effect", "reverb:wet=0").tobytes()[: dry.nbytes] == dry.tobytes()


def test_the_pad_changes_the_sound(manifold, instrument, song, tmp_path):
    takes = []
    for pad in ("0,0", "1,1"):
        output = tmp_path / "out.wav"
        arguments = ["--preset", instrument.preset, "--weights", instrument.weights, "--pad", pad]
        assert manifold("render", song, "-o", output, *arguments).status == 0
        takes.append(soundfile.read(output)[0])
    assert takes[0].shape != takes[1].shape or np.abs(takes[0] - takes[1]).max() > 0.001


@pytest.mark.parametrize("rate, channels", [(16000, 1), (44100, 2)])
def test_encode_then_decode(manifold, instrument, tmp_path, rate, channels):
    source = sine(tmp_path / "in.wav", rate=rate, channels=channels)
    embedding_path, output = tmp_path / "out.npy", tmp_path / "out.wav"
    outcome = manifold("encode", source, "-o", embedding_path, "--weights", instrument.weights)
    assert (outcome.status, outcome.err) == (0, "")
    embedding = np.load(embedding_path)
    assert embedding.dtype == np.float32 and embedding.shape == (125, 4)
    outcome = manifold("decode", embedding_path, "-o", output, "--weights", instrument.weights, "--note", 69)
    assert (outcome.status, outcome.err) == (0, "")
    audio, rate_out = soundfile.read(output, dtype="float32")
    assert rate_out == 16000 and audio.shape == (8000,) and np.isfinite(audio).all()
    assert soundfile.info(output).subtype == "FLOAT"


def test_decode_of_the_original_is_greedy_at_temperature_0(manifold, tmp_path):
    with np.load(SMALL.parent / "reference.npz") as reference:
        np.save(tmp_path / "in.npy", reference["embedding"][:2])
        expected = reference["greedy_audio"][:1024]
    output = tmp_path / "out.wav"
    outcome = manifold("decode", tmp_path / "in.npy", "-o", output, "--weights", SMALL, "--temperature", 0)
    assert (outcome.status, outcome.err) == (0, "")
    np.testing.assert_allclose(soundfile.read(output, dtype="float32")[0], expected, rtol=0, atol=2e-7)


def test_decode_samples_with_its_seed(manifold, tmp_path):
    np.save(tmp_path / "in.npy", np.zeros((1, 8), np.float32))
    takes = []
    for seed in (1, 1, 2):
        output = tmp_path / "out.wav"
        assert manifold("decode", tmp_path / "in.npy", "-o", output, "--weights", SMALL, "--seed", seed).status == 0
        takes.append(soundfile.read(output)[0])
    assert np.array_equal(takes[0], takes[1]) and not np.array_equal(takes[0], takes[2])


@pytest.mark.parametrize("averages", [False, True])
def test_import_writes_the_same_weights(manifold, tmp_path, averages):
    output = tmp_path / "magenta.safetensors"
    outcome = manifold("import", SMALL, "-o", output, *["--ema"] * averages, "--hop", 256)
    assert (outcome.status, outcome.err) == (0, "")
    found, expected = checkpoints.read(output), checkpoints.read(Source(str(SMALL), hop=256, ema=averages))
    assert (found.config, found.fingerprint) == (expected.config, expected.fingerprint)
    assert found.origin == f"imported from model.ckpt-1234{', moving averages' * averages}"


def test_a_song_asks_for_its_preset(manifold, instrument, tmp_path):
    folder = tmp_path / "data" / "manifold" / "presets"
    folder.mkdir(parents=True)
    shutil.copy(instrument.preset, folder)
    song = mido.MidiFile(tracks=[mido.MidiTrack()])
    change, number = "control_change", "program_change"
    song.tracks[0] += [mido.Message(change, control=0, value=1, channel=2), mido.Message(number, program=0, channel=2)]
    song.tracks[0] += [mido.Message(number, program=33, channel=5)]
    for channel in (5, 2):
        song.tracks[0] += [mido.Message("note_on", note=60, channel=channel)]
        song.tracks[0] += [mido.Message("note_off", note=60, channel=channel, time=100)]
    song.save(tmp_path / "song.mid")
    render = "render", tmp_path / "song.mid", "--weights", instrument.weights, "-o"
    outcome = manifold(*render, tmp_path / "asked.wav")
    assert (outcome.status, outcome.out.splitlines()[0]) == (0, (
        "channel 3 asks for program 0 of bank 1: Tiny; "
        "one preset plays, the programs of other channels are not heard: 6 (33)"
    ))  # fmt: skip
    outcome = manifold(*render, tmp_path / "named.wav", "--preset", instrument.preset)
    assert outcome.status == 0 and "program" not in outcome.out
    assert (tmp_path / "asked.wav").read_bytes() == (tmp_path / "named.wav").read_bytes()


def test_presets_are_listed(manifold, instrument, tmp_path):
    folder = tmp_path / "data" / "manifold" / "presets"
    folder.mkdir(parents=True)
    shutil.copy(instrument.preset, folder)
    rows = json.loads(manifold("presets", "--json").out)
    tiny = {"name": "Tiny", "tags": ["test"], "corners": ["A", "B", "C", "D"], "factory": False}
    assert rows[0] == {**tiny, "bank": 1, "program": 0}
    assert [row["program"] for row in rows[1:]] == list(range(len(rows) - 1))
    assert manifold("presets").out.splitlines()[0] == "1:0  Tiny  [test]  A / B / C / D"


def test_a_broken_preset_does_not_hide_the_others(manifold, instrument, tmp_path):
    folder = tmp_path / "data" / "manifold" / "presets"
    folder.mkdir(parents=True)
    shutil.copy(instrument.preset, folder)
    (folder / "broken.manifold").write_bytes(b"x")
    outcome = manifold("presets")
    assert "Tiny" in outcome.out and "broken.manifold" in outcome.err


def test_doctor_tells_everything(manifold):
    outcome = manifold("doctor")
    for word in ("Python", "packages", "processor", "weights", "preset folder", "audio", "JACK", "MIDI"):
        assert word in outcome.out
    assert outcome.err == ""


def test_usage_errors_exit_with_2(manifold):
    for arguments in (
        ["render"],
        ["nonsense"],
        ["render", "a.mid", "-o", "b.wav", "--pad", "2,0"],
        ["--polyphony", "0"],
    ):
        outcome = manifold(*arguments)
        assert outcome.status == 2 and "Traceback" not in outcome.err and "Error:" in outcome.err


def started(*arguments, tmp_path, **options):
    return subprocess.Popen(
        [sys.executable, "app.py", *map(str, arguments)], cwd=ROOT, stderr=subprocess.PIPE, text=True,
        env=os.environ | {"XDG_DATA_HOME": str(tmp_path / "data")}, **options,
    )  # fmt: skip


def processor_s(process):
    """Seconds of a processor that a process has used."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.slow
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_decode_leaves_nothing(tmp_path, number, status):
    np.save(tmp_path / "in.npy", np.zeros((5000, 8), np.float32))
    outputs = tmp_path / "outputs"
    outputs.mkdir()
    process = started("decode", tmp_path / "in.npy", "-o", outputs / "out.wav", "--weights", SMALL, tmp_path=tmp_path)
    wait_until(lambda: list(outputs.iterdir()), "the temporary file, which appears before the work begins")
    begun_s = processor_s(process)
    wait_until(lambda: processor_s(process) > begun_s + 0.1, "some of the work")
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (status, "")
    assert not list(outputs.iterdir())


def test_a_closed_pipe_is_quiet(tmp_path):
    reader, writer = os.pipe()
    os.close(reader)
    process = started("presets", tmp_path=tmp_path, stdout=writer)
    os.close(writer)
    _, err = process.communicate(timeout=60)
    assert err == ""
