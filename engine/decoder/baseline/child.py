"""The process that makes notes of a baseline's, as the engine sees it. Of one thread at a time."""

import json
import os
import subprocess
import sys
from typing import IO, cast

import numpy as np
import platformdirs

from common.errors import ModelError
from common.paths import ROOT
from models.baseline.pad import SAMPLES, BaselinePadConfig

_ENDED = "the process that makes the baseline's notes has ended; load the preset again"
PROGRAM = ["-P", "-m", "models.baseline_maker"]  # -P: not what lies in the folder of the moment


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
        self._requests, self._answers = cast(IO[bytes], self._process.stdin), cast(IO[bytes], self._process.stdout)
        self._expect()

    def note(self, key: int, z: np.ndarray) -> np.ndarray:
        """float32 (SAMPLES,). key : MIDI; z : (channels,). Raises ModelError."""
        request = {"key": key, "z": [float(value) for value in z]}
        try:
            self._requests.write(json.dumps(request).encode() + b"\n")
            self._requests.flush()
        except OSError:
            raise ModelError(_ENDED) from None
        self._expect()
        content = self._answers.read(4 * SAMPLES)
        if len(content) < 4 * SAMPLES:
            raise ModelError(_ENDED)
        return np.frombuffer(content, np.float32)

    def _expect(self):
        line = self._answers.readline()
        error = json.loads(line)["error"] if line else _ENDED
        if error:
            raise ModelError(error)

    def close(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.wait()
        self._requests.close()
        self._answers.close()
