"""Who only plays need not install torch: what plays goes on without it, what needs it says so in one line."""

import subprocess
import sys

import numpy as np
import pytest
import soundfile

from tests.paths import ROOT

pytestmark = pytest.mark.slow

WITHOUT_TORCH = """
import sys
class NotInstalled:
    def find_spec(self, name, path, target=None):
        if name == "torch":
            raise ModuleNotFoundError("No module named 'torch'", name=name)
sys.meta_path.insert(0, NotInstalled())
from synthapp.commands.cli import main
main()
"""


def command(*arguments):
    """What a command does where torch is not installed."""
    line = [sys.executable, "-c", WITHOUT_TORCH, *map(str, arguments)]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True)


def test_a_song_is_rendered(instrument, song, tmp_path):
    output = tmp_path / "out.wav"
    chosen = ("--preset", instrument.preset, "--weights", instrument.weights)
    done = command("render", song, "-o", output, *chosen)
    assert (done.returncode, done.stderr) == (0, "")
    assert np.abs(soundfile.read(output)[0]).max() > 0.001


@pytest.mark.parametrize("name", ["out.npy", "out.manifold"])
def test_encoding_says_in_one_line_what_to_install(tmp_path, name):
    source, output = tmp_path / "in.wav", tmp_path / name
    soundfile.write(source, 0.3 * np.sin(2 * np.pi * 440 * np.arange(16000) / 16000), 16000)
    done = command("encode", source, "-o", output)
    needs = f"manifold: this needs torch, which is not installed; {sys.executable} -m pip install torch\n"
    assert (done.returncode, done.stderr) == (1, needs)
    assert not output.exists()
