"""The wheel, installed away from the checkout and used from an empty folder: command, weights, presets, window."""

import os
import signal
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.engine.waiting import wait_until
from tests.paths import ROOT

ROOMS = ("common", "engine", "models", "presets", "synthapp")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Built with the backend that is installed here, so that no index is asked."""
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--no-index", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, ROOT)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def bin_folder(wheel, tmp_path_factory):
    """Of a new environment that has nothing but the wheel, and sees the packages of this one."""
    folder = tmp_path_factory.mktemp("environment")
    made = new_environment(folder, "--without-pip")
    (site_packages(folder) / "others.pth").write_text("\n".join(path for path in sys.path if "-packages" in path))
    pip("--python", made / "python", "install", "--no-index", "--no-deps", wheel)
    return made


@pytest.fixture
def start(tmp_path, monkeypatch):
    """start(bin folder, *arguments) -> Popen of the command in an empty folder; killed with the test."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.delenv("PYTHONPATH", raising=False)
    (tmp_path / "empty").mkdir()
    started = []

    def make(bin_folder, *arguments):
        command = [bin_folder / "manifold", *map(str, arguments)]
        pipe = subprocess.PIPE
        started.append(subprocess.Popen(command, cwd=tmp_path / "empty", stdout=pipe, stderr=pipe, text=True))
        return started[-1]

    yield make
    for process in started:
        process.kill()
        process.communicate()


def pip(*arguments):
    subprocess.run([sys.executable, "-m", "pip", "--quiet", *map(str, arguments)], check=True)


def new_environment(folder, *options):
    """Its bin folder."""
    subprocess.run([sys.executable, "-m", "venv", *options, folder], check=True)
    return folder / "bin"


def site_packages(folder):
    return Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))


def output(process):
    """What a command that ends well prints."""
    out, err = process.communicate(timeout=300)
    assert (process.returncode, err) == (0, "")
    return out


@pytest.mark.slow
def test_it_holds_the_rooms_and_what_they_read(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    git = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", *ROOMS]
    listed = subprocess.run(git, cwd=ROOT, capture_output=True, text=True, check=True)
    wanted = {f"manifold/{name}" for name in listed.stdout.split("\0") if (ROOT / name).is_file()}
    wanted |= {"manifold/app.py", "manifold/songs/minuet.mid"}
    assert {"manifold/models/pretrained/default.safetensors", "manifold/presets/factory/First Light.manifold"} <= wanted
    assert {name for name in names if ".dist-info/" not in name} == wanted


@pytest.mark.slow
def test_the_command_answers_from_an_empty_folder(start, bin_folder, tmp_path):
    assert "render" in output(start(bin_folder, "--help"))
    assert "First Light" in output(start(bin_folder, "presets"))
    assert f"starts {bin_folder / 'manifold'}\n" in output(start(bin_folder, "desktop"))
    assert not list((tmp_path / "empty").iterdir())


@pytest.mark.slow
def test_it_renders_plays_and_opens_its_window(start, bin_folder, song, tmp_path):
    output(start(bin_folder, "render", song, "-o", "out.wav"))
    audio, _ = soundfile.read(tmp_path / "empty" / "out.wav")
    assert 0.01 < np.abs(audio).max() < 1.0
    player = start(bin_folder, "play", "--headless", "--audio", "no such device", "--midi", "no such port")
    assert any(line.startswith("First Light | audio: no device") for line in player.stdout)
    assert ended(player) == 0
    window = start(bin_folder)
    wait_until(lambda: list(tmp_path.glob("state/**/*.manifold")), "the state that an open window keeps")
    assert ended(window) == 0


def ended(process):
    """Exit status of what is asked to end."""
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    return process.returncode


@pytest.mark.long
def test_pip_install_brings_all_that_playing_needs(start, song, tmp_path):
    made = new_environment(tmp_path / "environment")
    command = [made / "pip", "install", "--quiet", "--constraint", ROOT / "constraints.txt", ROOT]
    subprocess.run(command, check=True, env=os.environ | {"PIP_DISABLE_PIP_VERSION_CHECK": "1"})
    assert not (site_packages(tmp_path / "environment") / "torch").exists()
    output(start(made, "render", song, "-o", "out.wav"))
    assert (tmp_path / "empty" / "out.wav").exists()
