"""The presets: search, load by a click, save, rename, delete."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from presets.library import Entry
from synthapp.views import theme
from synthapp.views.library.preset_row import ENTRY, PLAYING, PresetRow


class PresetList(QWidget):
    """Search field, the player's and the factory's presets, and what can be done with the one that plays.

    Signals
    load_wanted(entry), duplicate_wanted(entry), rename_wanted(entry), delete_wanted(entry)
    save_wanted(), save_as_wanted()

    Attributes
    entries : as last shown
    playing : the name and the file's path of the preset that plays, or None
    """

    load_wanted = Signal(object)
    duplicate_wanted = Signal(object)
    rename_wanted = Signal(object)
    delete_wanted = Signal(object)
    save_wanted = Signal()
    save_as_wanted = Signal()

    def __init__(self, parent=None):
        super().__init__(parent)
        self.entries: list[Entry] = []
        self.playing = None
        self.search = QLineEdit(placeholderText="Search", clearButtonEnabled=True)
        self.rows = QListWidget()
        self.search.setAccessibleName("Search presets")
        self.rows.setAccessibleName("Presets")
        self.rows.setItemDelegate(PresetRow(self.rows))
        self.rows.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.rows.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.rows.setMouseTracking(True)
        self.rows.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.save, self.save_as, self.more = (QPushButton(text) for text in ("Save", "Save as", "⋯"))
        self.more.setToolTip("Duplicate, rename, delete")
        self.more.setAccessibleName("More")
        self._lay_out()
        self.search.textChanged.connect(self._fill)
        self.rows.itemClicked.connect(lambda item: self._load(item))
        self.rows.itemActivated.connect(lambda item: self._load(item))
        self.rows.customContextMenuRequested.connect(self._open_menu)
        self.save.clicked.connect(self.save_wanted)
        self.save_as.clicked.connect(self.save_as_wanted)
        self.more.clicked.connect(self._open_own_menu)
        self.show_playing(None)
        self.allow_saving(False)

    def _lay_out(self):
        layout, buttons = QVBoxLayout(self), QHBoxLayout()
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        buttons.setSpacing(6)
        for button, stretch in ((self.save, 2), (self.save_as, 2), (self.more, 0)):
            buttons.addWidget(button, stretch)
        layout.addWidget(self.search)
        layout.addWidget(self.rows, 1)
        layout.addLayout(buttons)

    def show_entries(self, entries) -> None:
        """Take over the library's list."""
        self.entries = list(entries)
        self._fill()

    def show_playing(self, path) -> None:
        """Mark the preset that plays; path None: it is in no file."""
        self.playing = path
        for row in range(self.rows.count()):
            item = self.rows.item(row)
            entry = item.data(ENTRY)
            item.setData(PLAYING, entry is not None and entry.path == path)
        self.more.setEnabled(self.current() is not None)

    def allow_saving(self, possible: bool) -> None:
        """Without a preset there is nothing to save."""
        for button in (self.save, self.save_as):
            button.setEnabled(possible)

    def current(self) -> Entry | None:
        """The entry that plays."""
        return next((entry for entry in self.entries if entry.path == self.playing), None)

    def _fill(self):
        words = self.search.text().casefold().split()
        found = [entry for entry in self.entries if _matches(entry, words)]
        self.rows.clear()
        for title, factory in (("Yours", False), ("Factory", True)):
            group = [entry for entry in found if entry.factory == factory]
            if group:
                self._add_title(title)
            for entry in group:
                self._add_entry(entry)
        if not found:
            self._add_title("Nothing found" if words else "No presets yet")
        self.show_playing(self.playing)

    def _add_title(self, title):
        item = QListWidgetItem(title, self.rows)
        item.setFlags(Qt.ItemFlag.NoItemFlags)

    def _add_entry(self, entry):
        item = QListWidgetItem(entry.name, self.rows)
        item.setData(ENTRY, entry)
        what = entry.problem or " · ".join((*entry.corners, *(f"#{tag}" for tag in entry.tags)))
        item.setToolTip(theme.verbatim(what))
        if entry.problem:
            item.setFlags(Qt.ItemFlag.NoItemFlags)

    def _load(self, item):
        entry = item.data(ENTRY)
        if entry is not None and not entry.problem:
            self.load_wanted.emit(entry)

    def menu(self, entry: Entry) -> QMenu:
        """What can be done with a preset."""
        menu = QMenu(self)
        for text, signal, possible in (
            ("Load", self.load_wanted, not entry.problem),
            ("Duplicate", self.duplicate_wanted, not entry.problem),
            ("Rename …", self.rename_wanted, not entry.factory and not entry.problem),
            ("Delete …", self.delete_wanted, not entry.factory),
        ):
            action = menu.addAction(text)
            action.setEnabled(possible)
            action.triggered.connect(lambda checked=False, signal=signal: signal.emit(entry))
        return menu

    def _open_menu(self, point):
        item = self.rows.itemAt(point)
        if item and item.data(ENTRY):
            self.menu(item.data(ENTRY)).exec(self.rows.viewport().mapToGlobal(point))

    def _open_own_menu(self):
        if entry := self.current():
            self.menu(entry).exec(self.more.mapToGlobal(self.more.rect().bottomLeft()))


def _matches(entry, words):
    """Every word occurs in the name, a tag or a corner."""
    text = " ".join((entry.name, *entry.tags, *entry.corners)).casefold()
    return all(word in text for word in words)
