"""Encodes a sound file in a process of its own, so that the window needs no torch and never waits.

The process is the command `encode`: its lines are the progress, its last line of error the failure.
"""

import sys
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTemporaryDir, Signal

from common.errors import PitchError, PresetError
from common.paths import ROOT
from models.checkpoints.source import DEFAULT_SOURCE, Source
from presets.file import SUFFIX, read_preset

APP = ROOT / "app.py"


class SoundLoader(QObject):
    """One sound at a time: `load`, then one of `loaded`, `failed`, `unpitched`, or nothing after `cancel`.

    Signals
    told(text) : what is going on
    loaded(corner, sound, text) : an EmbeddingSet for the corner 0 to 3, and what was found in the file
    unpitched(corner, path) : the player must name the note
    failed(text) : one line
    stopped() : comes before each of the last three, and after a `cancel`
    """

    told = Signal(str)
    loaded = Signal(int, object, str)
    unpitched = Signal(int, str)
    failed = Signal(str)
    stopped = Signal()

    def __init__(self, parent=None):
        super().__init__(parent)
        self._process: QProcess | None = None
        self._corner, self._path, self._found = 0, "", ""
        self._folder = QTemporaryDir()

    @property
    def busy(self) -> bool:
        return self._process is not None

    def load(self, path: str, corner: int, preset: Path, source: Source, note: str | None = None) -> None:
        """Start. preset : a file of the one that is played; source : of its weights; note : where it must be named"""
        self._corner, self._path, self._found = corner, str(path), ""
        self._process = process = QProcess(self)
        process.setProcessEnvironment(_environment())
        process.readyReadStandardOutput.connect(self._read)
        process.finished.connect(self._end)
        process.errorOccurred.connect(self._report_start)
        options = ["--preset", str(preset), "--corner", str(corner + 1)]
        options += _naming(source)
        options += ["--note", note] if note else []
        self.told.emit(f"Reading {Path(path).name} …")
        process.start(sys.executable, [str(APP), "encode", str(path), "-o", str(self._output), *options])

    def cancel(self) -> None:
        """End the process at once; nothing has changed."""
        if self._process is not None:
            self._process.finished.disconnect()
            self._process.kill()
            self._process.waitForFinished()
            self._stop()

    @property
    def _output(self):
        return Path(self._folder.path()) / f"own{SUFFIX}"

    def _read(self):
        """The command's first line tells what it has found."""
        lines = bytes(self._process.readAllStandardOutput()).decode(errors="replace").splitlines()
        if lines and not self._found:
            self._found = f"{Path(self._path).name}: {lines[0].removeprefix(f'{self._path}: ')}"
            self.told.emit(f"{self._found} …")

    def _end(self, status, how):
        error = bytes(self._process.readAllStandardError()).decode(errors="replace").strip()
        self._stop()
        if how == QProcess.ExitStatus.NormalExit and status == 0:
            self._deliver()
        elif status == PitchError.status and how == QProcess.ExitStatus.NormalExit:
            self.unpitched.emit(self._corner, self._path)
        else:
            self.failed.emit(_last_line(error) or f"{self._path}: encoding ended without a word; try again")

    def _deliver(self):
        try:
            sound = read_preset(self._output).corners[self._corner]
        except PresetError as error:
            self.failed.emit(str(error))
        else:
            self.loaded.emit(self._corner, sound, self._found)

    def _report_start(self, error):
        if error == QProcess.ProcessError.FailedToStart:
            self._stop()
            self.failed.emit(f"{sys.executable} cannot be started; close other programs and try again")

    def _stop(self):
        self._process.deleteLater()
        self._process = None
        self.stopped.emit()


def _naming(source):
    """Options of the command that say which weights are played."""
    if source == DEFAULT_SOURCE:
        return []
    options = ["--weights", source.path, "--hop", str(source.hop), "--stages", str(source.stages)]
    return options + ["--ema"] * source.ema


def _environment():
    environment = QProcessEnvironment.systemEnvironment()
    environment.insert("PYTHONIOENCODING", "utf-8")
    return environment


def _last_line(error):
    lines = error.splitlines()
    return lines[-1].removeprefix("manifold: ").removeprefix("Error: ") if lines else ""
