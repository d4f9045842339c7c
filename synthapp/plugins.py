"""The plug-ins of this machine, as the window sees them: what is known at once, and a scan in another process."""

import sys
from collections.abc import Callable

from PySide6.QtCore import QObject, QProcess, Signal
from PySide6.QtWidgets import QWidget

from engine.plugins.messages import Description
from engine.plugins.scan import Finding, Shelf
from synthapp.sounds.sound_loader import own_environment
from synthapp.views.effects.picker import PluginPicker

_COMMAND = ["-P", "-c", "from synthapp.commands.cli import main; main()", "plugins", "--scan"]
_END_MS = 2000


def known() -> list[Finding]:
    """What was found of the plug-ins that are there, effects by name, then those that do not load."""
    findings = [finding for finding in Shelf().known().values() if finding.description is None or _is_effect(finding)]
    return sorted(findings, key=lambda finding: (finding.description is None, _name(finding)))


def _is_effect(finding):
    return finding.description.effect


def _name(finding):
    return finding.description.name.casefold() if finding.description else ""


def pick_plugin(parent: QWidget, chosen: Callable[[Description], object]) -> PluginPicker:
    """Show the list of those that are known; where none is, they are looked for. chosen : gets the player's choice"""
    picker = PluginPicker(parent)
    scan = Scan(picker)

    def show():
        picker.show_findings(known(), scan.runs)

    scan.found.connect(show)
    scan.finished.connect(show)
    picker.scan_wanted.connect(scan.start)
    picker.scan_wanted.connect(show)
    picker.chosen.connect(chosen)
    picker.finished.connect(scan.stop)
    picker.finished.connect(picker.deleteLater)
    if not known():
        scan.start()
    show()
    picker.open()
    return picker


class Scan(QObject):
    """Tries what is new or changed, in a process of its own.

    Signals
    found() : one more is known
    finished()
    """

    found = Signal()
    finished = Signal()

    def __init__(self, parent=None):
        super().__init__(parent)
        self._process = QProcess(self)
        self._process.setProcessEnvironment(own_environment())
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.finished.connect(lambda *_: self.finished.emit())
        self._process.errorOccurred.connect(lambda *_: self.finished.emit())

    @property
    def runs(self) -> bool:
        return self._process.state() != QProcess.ProcessState.NotRunning

    def start(self) -> None:
        """Nothing where it runs already."""
        if not self.runs:
            self._process.start(sys.executable, _COMMAND)

    def stop(self) -> None:
        """What was found so far is kept; nobody is told any more."""
        self.blockSignals(True)
        if self.runs:
            self._process.kill()
            self._process.waitForFinished(_END_MS)

    def _read(self):
        self._process.readAllStandardOutput()
        self.found.emit()
