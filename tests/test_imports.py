"""What starts quickly stays quick: torch takes seconds to import, and only encoding and training need it."""

import subprocess
import sys

import pytest

from tests.paths import ROOT

TORCH_FREE = (
    "engine",
    "engine.client",
    "engine.live.server",
    "engine.offline.render",
    "engine.decoder.cpu.decoder",
    "presets.library",
    "engine.offline.takes",
    "engine.synth",
    "models.checkpoints",
    "synthapp.audition.repertoire",
    "synthapp.commands.cli",
    "synthapp.commands.doctor",
    "synthapp.commands.evaluate",
    "synthapp.commands.play",
    "synthapp.commands.render",
    "synthapp.sounds.sound_loader",
    "synthapp.window",
)


@pytest.mark.parametrize("module", TORCH_FREE)
def test_importing_it_does_not_import_torch(module):
    code = f"import sys, {module}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_every_dependency_is_pinned():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = [project["build-system"]["requires"], project["project"]["dependencies"]]
    groups += [*project["project"]["optional-dependencies"].values(), *project["dependency-groups"].values()]
    names = {text.split(">")[0].split("=")[0].strip().lower() for group in groups for text in group}
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    assert all(line.count("==") == 1 for line in lines)
    assert names <= {line.split("==")[0] for line in lines}
