"""The process that makes notes of a baseline's, as the engine sees it. Of one thread at a time."""

import json
import os
import subprocess
import sys

import numpy as np
import platformdirs

from common.errors import ModelError
from common.paths import ROOT
from models.baseline.pad import SAMPLES, BaselinePadConfig

PROGRAM = ["-P", "-m", "models.baseline.maker"]  # -P: not what lies in the folder of the moment


class Child:
    """Started at once, ready after a few seconds. Raises ModelError, one line, where it cannot be had."""

    def __init__(self, config: BaselinePadConfig):
        folder = platformdirs.user_cache_path("manifold") / "baseline"
        arguments = [config.network, str(config.iterations), str(folder)]
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        self._process = subprocess.Popen(
            [sys.executable, *PROGRAM, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
        )  # fmt: skip
        self._expect()

    def note(self, key: int, z: np.ndarray) -> np.ndarray:
        """float32 (SAMPLES,). key : MIDI; z : (channels,). Raises ModelError."""
        request = {"key": key, "z": [float(value) for value in z]}
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
        except OSError:
            raise ModelError("the process that makes the baseline's notes has ended; load the preset again") from None
        self._expect()
        return np.frombuffer(self._process.stdout.read(4 * SAMPLES), np.float32)

    def _expect(self):
        line = self._process.stdout.readline()
        error = (
            json.loads(line)["error"] if line else "the process that makes the baseline's notes ended without a word"
        )
        if error:
            raise ModelError(error)

    def close(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()
