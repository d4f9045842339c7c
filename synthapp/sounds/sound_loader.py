"""Encodes a sound file in a process of its own, so that the window needs no torch and never waits.

The process is `encoder.py`. It stays, so that the next sound need not wait for torch either.
"""

import os
import sys
from collections import deque
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTemporaryDir, Signal

from common.errors import PitchError, PresetError
from common.paths import ROOT
from models.checkpoints.source import DEFAULT_SOURCE, Source
from presets.file import SUFFIX, read_preset
from presets.pad import Spot
from synthapp.sounds.request import Answer, Request

PROGRAM = ["-P", "-m", "synthapp.sounds.encoder"]  # -P: not what lies in the folder of the moment


class SoundLoader(QObject):
    """One sound after the other: `load`, then one of `loaded`, `failed`, `unpitched`, or nothing after `cancel`.

    Signals
    told(text) : what is going on
    loaded(spot, sound, text) : an EmbeddingSet for a Spot on the pad, and what was found in the file
    unpitched(spot, path) : the player must name the note
    failed(text) : one line
    stopped() : comes before each of the last three, and after a `cancel`
    """

    told = Signal(str)
    loaded = Signal(object, object, str)
    unpitched = Signal(object, str)
    failed = Signal(str)
    stopped = Signal()

    def __init__(self, parent=None):
        super().__init__(parent)
        self._process: QProcess | None = None
        self._request: Request | None = None  # that is not answered yet, for a sound
        self._waiting: deque[Request] = deque()  # for sounds that come after it
        self._warming = False  # an answer is due that is for no sound
        self._found = ""
        self._folder = QTemporaryDir()

    @property
    def busy(self) -> bool:
        return self._request is not None

    def warm(self, source: Source = DEFAULT_SOURCE) -> None:
        """Make ready for a sound that is to come. source : of the weights that are played"""
        if self._process is None:
            self._ask(Request(source=source))
            self._warming = True

    def load(self, path: str, spot: Spot, preset: Path, source: Source, note: str | None = None) -> None:
        """Start, or come after those before.

        preset : a file of the one that is played; source : of its weights; note : where it must be named
        """
        self._waiting.append(Request(str(path), str(self._output), str(preset), spot, note, source))
        self._go_on()

    def _go_on(self):
        """With the next that waits, if none is in hand."""
        if not self.busy and self._waiting:
            self._request, self._found = self._waiting.popleft(), ""
            self.told.emit(f"Reading {Path(self._request.path).name} …")
            self._ask(self._request)

    def cancel(self) -> None:
        """Of this sound and those that wait nothing has changed. What encodes cannot be interrupted: the process ends,
        the next one starts anew."""
        self._waiting.clear()
        if self.busy:
            self.close()
            self._stop()

    def close(self) -> None:
        """End the process at once."""
        if self._process is not None:
            process, self._process, self._warming = self._process, None, False
            process.blockSignals(True)
            process.kill()
            process.waitForFinished()
            process.deleteLater()

    @property
    def _output(self):
        return Path(self._folder.path()) / f"own{SUFFIX}"

    def _ask(self, request):
        if self._process is None:
            self._process = process = QProcess(self)
            process.setProcessEnvironment(own_environment())
            process.readyReadStandardOutput.connect(self._read)
            process.finished.connect(self._lose)
            process.errorOccurred.connect(self._report_start)
            process.start(sys.executable, PROGRAM)
        self._process.write(msgspec.json.encode(request) + b"\n")

    def _read(self):
        while self._process is not None and self._process.canReadLine():
            self._take(bytes(self._process.readLine()).decode(errors="replace").strip())

    def _take(self, line):
        """The first line of a sound tells what was found in it; an Answer ends it."""
        if not line.startswith("{"):
            if self.busy and not self._found:
                path = Path(self._request.path)
                self._found = f"{path.name}: {line.removeprefix(f'{path}: ')}"
                self.told.emit(f"{self._found} …")
            return
        answer = msgspec.json.decode(line, type=Answer)
        if self._is_of_sound():
            self._end(answer)

    def _is_of_sound(self):
        """Answers come in the order of the requests: that of a warming up comes before the first sound's."""
        if self._warming:
            self._warming = False
            return False
        return self.busy

    def _end(self, answer):
        request = self._stop()
        if answer.status == 0:
            self._deliver(request)
        elif answer.status == PitchError.status:
            self.unpitched.emit(request.spot, request.path)
        else:
            self.failed.emit(answer.error)
        self._go_on()

    def _deliver(self, request):
        try:
            sounds = read_preset(request.output).corners
        except PresetError as error:
            self.failed.emit(str(error))
        else:
            spot = request.spot
            self.loaded.emit(spot, sounds[spot if isinstance(spot, int) else -1], self._found)

    def _lose(self):
        """The process ended by itself."""
        error = bytes(self._process.readAllStandardError()).decode(errors="replace").strip()
        self.close()
        if self.busy:
            request = self._stop()
            self.failed.emit(last_line(error) or f"{request.path}: encoding ended without a word; try again")
            self._go_on()

    def _report_start(self, error):
        if error == QProcess.ProcessError.FailedToStart:
            self.close()
            self._waiting.clear()
            if self.busy:
                self._stop()
                self.failed.emit(f"{sys.executable} cannot be started; close other programs and try again")

    def _stop(self):
        request, self._request = self._request, None
        self.stopped.emit()
        return request


def own_environment() -> QProcessEnvironment:
    """In which a process of ours finds what it is made of."""
    environment = QProcessEnvironment.systemEnvironment()
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment.insert("PYTHONPATH", os.pathsep.join(paths))
    environment.insert("PYTHONIOENCODING", "utf-8")
    return environment


def last_line(error: str) -> str:
    """Of what a process has complained."""
    lines = error.splitlines()
    return lines[-1] if lines else ""
