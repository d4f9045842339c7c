"""A kill, a full disk or a forbidden folder while saving leaves the old file or the new one, whole."""

import os
import random
import resource
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import replace

import numpy as np
import pytest

from common.errors import PresetError
from presets.file import encode, read_preset, write_preset
from presets.preset import EmbeddingSet, Preset
from tests.paths import ROOT

SAVER = """
    import sys
    from dataclasses import replace
    from presets.file import read_preset, write_preset
    path = sys.argv[1]
    preset = read_preset(path)
    for number in range(1, 10**9):
        write_preset(replace(preset, author=str(number)), path)
        print(number, flush=True)
"""


@pytest.fixture
def large():
    """1 MiB of latents, so that a kill may come in the middle of writing."""
    latents = np.random.default_rng(0).standard_normal((1, 1, 4096, 16)).astype(np.float32)
    return Preset("Large", (EmbeddingSet("Noise", latents),) * 4)


@pytest.mark.slow
@pytest.mark.parametrize("kills", [25, pytest.param(500, marks=pytest.mark.long)])
def test_kill_while_saving_leaves_a_whole_file(large, tmp_path, kills):
    path, chance = tmp_path / "large.manifold", random.Random(9)
    write_preset(large, path)
    for _ in range(kills):
        saver = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(SAVER), str(path)], cwd=ROOT, stdout=subprocess.PIPE
        )
        assert saver.stdout
        saved = [int(saver.stdout.readline()) for _ in range(chance.randint(1, 3))][-1]
        time.sleep(chance.uniform(0, 0.05))  # the kill comes anywhere in the saves that follow
        saver.send_signal(signal.SIGKILL)
        saver.wait()
        saver.stdout.close()
        left = read_preset(path)
        assert int(left.author) >= saved
        assert encode(replace(left, author="")) == encode(large)


def test_a_full_disk_leaves_the_old_file(large, tmp_path):
    path = tmp_path / "large.manifold"
    write_preset(large, path)
    before = path.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) // 2, hard))
    try:
        with pytest.raises(PresetError, match=f"preset {path}: cannot be written"):
            write_preset(replace(large, author="new"), path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_named(large, tmp_path):
    with pytest.raises(PresetError, match="cannot be written .No such file or directory"):
        write_preset(large, tmp_path / "nowhere" / "large.manifold")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_named(large, tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(PresetError, match="cannot be written .Permission denied"):
        write_preset(large, tmp_path / "large.manifold")
