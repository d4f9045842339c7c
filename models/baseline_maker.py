"""A process that makes notes of the baseline's: it owns torch and the network, so that playing needs neither.

`python -m models.baseline_maker FINGERPRINT ITERATIONS FOLDER`. It answers on the standard output: first that the
network is ready, then for every request on the standard input, which is a line of JSON {"key", "z"}, a line of JSON
{"error"} and, where that is empty, the note: float32 (SAMPLES,), peak 1. What was made once is kept in FOLDER.
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np

from common.atomic import replacing
from common.errors import ModelError, SynthError
from models.baseline.pad import SAMPLES
from models.baseline.spectrogram import sound
from models.checkpoints.building import load
from models.checkpoints.known import KnownWeights

KEPT = 1000  # notes, 250 kB each


class Maker:
    """Makes notes, or finds those it has made. network : fingerprint of its weights. Raises ModelError."""

    def __init__(self, network: str, iterations: int, folder: Path):
        import torch

        source = KnownWeights().find(network)
        if source is None:
            raise ModelError(f"the baseline's weights {network} are not here; put them beside your weights")
        torch.set_num_threads(1)
        self.network, self.iterations, self.folder = network, iterations, folder
        self.model = load(source)
        folder.mkdir(parents=True, exist_ok=True)

    def note(self, key: int, z: np.ndarray) -> np.ndarray:
        """float32 (SAMPLES,). key : MIDI; z : float32 (channels,)

        All notes begin Griffin and Lim's way with the same phases: those of neighbours on the pad are then alike.
        """
        path = self.folder / f"{self._name(key, z)}.npy"
        try:
            return np.load(path)
        except (OSError, ValueError, EOFError):
            audio = self._made(key, z)
        with replacing(path) as temporary, open(temporary, "wb") as file:
            np.save(file, audio)
        for old in sorted(self.folder.glob("*.npy"), key=lambda each: each.stat().st_mtime)[:-KEPT]:
            old.unlink(missing_ok=True)
        return audio

    def _name(self, key, z):
        settings = f"{self.network} {self.iterations} {key} ".encode()
        return hashlib.sha256(settings + z.tobytes()).hexdigest()[:24]

    def _made(self, key, z):
        kind = self.model.config.picture
        audio = sound(self.model.decode(z[None], [key])[0], kind, self.iterations)[:SAMPLES]
        return audio / max(np.abs(audio).max(), 1e-9)


def serve(requests, answers, maker: Maker) -> None:
    """Answer requests until there are no more."""
    for line in requests:
        try:
            request = json.loads(line)
            audio = maker.note(request["key"], np.array(request["z"], np.float32))
        except Exception as error:  # a defect, or a full disk: the next note may fare better
            _answer(answers, f"a note of the baseline's cannot be made: {error!r}")
        else:
            _answer(answers, "", audio)


def _answer(answers, error, audio=None):
    answers.write(json.dumps({"error": error}).encode() + b"\n")
    if audio is not None:
        answers.write(audio.tobytes())
    answers.flush()


def main() -> None:
    """See above."""
    network, iterations, folder = sys.argv[1:]
    answers, sys.stdout = sys.stdout.buffer, sys.stderr  # what libraries print is no answer
    try:
        maker = Maker(network, int(iterations), Path(folder))
    except (SynthError, OSError) as error:
        _answer(answers, str(error))
        return
    except ModuleNotFoundError as error:
        _answer(answers, f"a baseline's pad needs {error.name}; {sys.executable} -m pip install {error.name}")
        return
    _answer(answers, "")
    serve(sys.stdin, answers, maker)


if __name__ == "__main__":
    main()
