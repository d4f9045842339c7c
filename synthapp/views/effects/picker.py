"""Choose a plug-in: a field to search in, a list, and those that do not load with the reason."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout

from engine.plugins.messages import Description
from engine.plugins.scan import Finding
from synthapp.views import theme
from synthapp.views.library.search_field import SearchField

_SIZE = 460, 420
_DESCRIPTION = Qt.ItemDataRole.UserRole


class PluginPicker(QDialog):
    """
    Signals
    chosen(description) : to be put at the end of the chain
    scan_wanted()

    Attributes
    search, list, scan : the widgets, in the order of Tab
    """

    chosen = Signal(object)
    scan_wanted = Signal()

    def __init__(self, parent=None):
        super().__init__(parent)
        self.setWindowTitle("Plug-ins")
        self.resize(*_SIZE)
        self.search, self.list, self.scan = SearchField(), QListWidget(), QPushButton("Look for plug-ins")
        self.search.setAccessibleName("Search plug-ins")
        self.list.setAccessibleName("Plug-ins")
        self.state = theme.styled(QLabel(textFormat=Qt.TextFormat.PlainText), "dim")
        self.search.textChanged.connect(self._filter)
        self.search.moved.connect(self._move)
        self.search.entered.connect(self._choose)
        self.list.itemActivated.connect(lambda _: self._choose())
        self.scan.clicked.connect(self.scan_wanted)
        self.scan.setAutoDefault(False)
        bottom, layout = QHBoxLayout(), QVBoxLayout(self)
        bottom.addWidget(self.state, 1)
        bottom.addWidget(self.scan)
        for widget in (self.search, self.list):
            layout.addWidget(widget)
        layout.addLayout(bottom)

    def show_findings(self, findings: Sequence[Finding], scanning: bool) -> None:
        """scanning : more are on their way"""
        before = self._description(self.list.currentItem())
        self.list.clear()
        for finding in findings:
            self.list.addItem(_item(finding))
        self.scan.setEnabled(not scanning)
        count = sum(finding.description is not None for finding in findings)
        self.state.setText("looking …" if scanning else f"{count} plug-ins" if count else "none is known yet")
        self._filter(before=before)

    def _filter(self, _=None, before: Description | None = None):
        wanted = self.search.text().casefold().split()
        for item in self._items():
            item.setHidden(not all(word in item.text().casefold() for word in wanted))
        shown = [item for item in self._items() if not item.isHidden() and self._description(item) is not None]
        same = next((item for item in shown if before and self._description(item) == before), None)
        self.list.setCurrentItem(same or (shown[0] if shown else None))

    def _move(self, step):
        shown = [item for item in self._items() if not item.isHidden() and self._description(item) is not None]
        if shown:
            at = shown.index(self.list.currentItem()) if self.list.currentItem() in shown else -step
            self.list.setCurrentItem(shown[min(max(at + step, 0), len(shown) - 1)])

    def _choose(self):
        description = self._description(self.list.currentItem())
        if description is not None:
            self.chosen.emit(description)
            self.accept()

    def _items(self):
        return [self.list.item(row) for row in range(self.list.count())]

    def _description(self, item):
        return None if item is None else item.data(_DESCRIPTION)


def _item(finding):
    found = finding.description
    if found is None:
        item = QListWidgetItem(f"{finding.name} · {finding.fault}")
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        return item
    late = f" · {found.latency} frames late" if found.latency else ""
    item = QListWidgetItem(f"{found.name} · {found.maker}{late}")
    item.setToolTip(theme.verbatim(f"{found.name} {found.version}, {found.category}: {found.place}"))
    item.setData(_DESCRIPTION, found)
    return item
