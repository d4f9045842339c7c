"""Takes of what is played: kept by the engine, and written out for other programs in a process of their own."""

import sys
import time
from pathlib import Path

import platformdirs
from PySide6.QtCore import QObject, QProcess, Signal

from engine.commands import Record, SaveTake
from engine.performance import SUFFIX
from engine.telemetry import Telemetry
from models.checkpoints.source import DEFAULT_SOURCE
from synthapp.sounds.sound_loader import last_line, own_environment

MINUTE_S = 60.0
_NICE = 10  # what plays goes first
_PROGRAM = f"import os; os.nice({_NICE}); from synthapp.commands.cli import main; main()"
_PATIENCE_S = 3.0  # for the engine to save, when the window closes
_POLL_S = 0.02


class Recorder(QObject):
    """Begins and ends recordings, and follows what becomes of them.

    client : engine.client.EngineClient
    folder : of the takes; default: in the user's data folder

    Signals
    told(text) : where a take is, or what is wrong, one line
    """

    told = Signal(str)

    def __init__(self, client, folder: Path | None = None, parent=None):
        super().__init__(parent)
        self.source = DEFAULT_SOURCE  # of the weights that play
        self.folder = folder or platformdirs.user_data_path("manifold") / "takes"
        self._client = client
        self._path = ""  # of the recording that runs, empty where none does
        self._runs = False  # as the engine says
        self._ending = False
        self._taken: tuple[int, str] = (0, "")
        self._writing: list[QProcess] = []

    def record(self, on: bool) -> None:
        """Begin a recording, or end and keep it."""
        if not on:
            self._ending = True
            self._client.send(SaveTake(self._path))
        elif path := self._new_path():
            self._path, self._runs, self._ending = path, False, False
            self._client.send(Record(path))

    def toggle(self) -> None:
        """The other of the two."""
        self.record(not self._path or self._ending)

    def keep_minute(self) -> None:
        """Keep what was played in the last minute."""
        if path := self._new_path():
            self._client.send(SaveTake(path, MINUTE_S))

    def follow(self, telemetry: Telemetry) -> None:
        """As the engine says."""
        if telemetry.taken[0] and telemetry.taken != self._taken:
            path = telemetry.taken[1]
            self._path = "" if path == self._path else self._path
            self._write(Path(path))
        elif self._runs and telemetry.recorded_s is None and not self._ending:
            self.told.emit("the recording was lost with the sound that failed; the last minute may still be there")
            self._path = ""
        self._taken = telemetry.taken
        self._runs = telemetry.recorded_s is not None

    def close(self) -> None:
        """Keep a recording that runs; what is being written out can be had by `take` later."""
        if self._path and not self._ending:
            before, end = self._client.telemetry().taken, time.monotonic() + _PATIENCE_S
            self._client.send(SaveTake(self._path))
            while self._client.telemetry().taken == before and time.monotonic() < end:
                time.sleep(_POLL_S)
        for process in self._writing:
            process.blockSignals(True)
            process.kill()
            process.waitForFinished()

    def _new_path(self):
        """A file that is not there yet; empty, and a line, where there can be none."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self.told.emit(f"takes cannot be kept in {self.folder}: {error.strerror}; free that place")
            return ""
        name, count = time.strftime("%Y-%m-%d %H.%M.%S"), 1
        path = self.folder / f"{name}{SUFFIX}"
        while path.exists() or str(path) == self._path:
            count += 1
            path = self.folder / f"{name} {count}{SUFFIX}"
        return str(path)

    def _write(self, path):
        """The WAV and the MIDI file beside a take."""
        self.told.emit(f"kept: {path}; its WAV and MIDI files follow")
        process = QProcess(self)
        process.setProcessEnvironment(own_environment())
        process.finished.connect(lambda code, _: self._written(process, path, code))
        self._writing.append(process)
        names = path.with_suffix(".wav"), "--midi", path.with_suffix(".mid"), "--weights", self.source.path
        process.start(sys.executable, ["-P", "-c", _PROGRAM, "take", str(path), "-o", *map(str, names)])

    def _written(self, process, path, code):
        self._writing.remove(process)
        error = bytes(process.readAllStandardError()).decode(errors="replace").strip()
        process.deleteLater()
        if code:
            self.told.emit(f"kept: {path}, without a WAV file: {last_line(error) or 'it ended without a word'}")
        else:
            self.told.emit(f"kept: {path}, with a WAV and a MIDI file beside it")
