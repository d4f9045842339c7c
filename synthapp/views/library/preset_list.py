"""The presets: search, load by a click, save, rename, delete."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from presets.library import Entry
from synthapp.views import theme
from synthapp.views.library.preset_row import ENTRY, FAVOURITE, PLAYING, PresetRow
from synthapp.views.library.search_field import SearchField


class PresetList(QWidget):
    """Search field, the player's and the factory's presets, and what can be done with the one that plays.

    Page up and page down, wherever in the window, load the one before and the one after.

    Signals
    load_wanted(entry), duplicate_wanted(entry), rename_wanted(entry), delete_wanted(entry)
    save_wanted(), save_as_wanted()
    favourite_wanted(entry) : it becomes one, or is one no longer

    Attributes
    entries : as last shown
    favourites : the files of those that the player likes best; they come first
    playing : the name and the file's path of the preset that plays, or None
    """

    load_wanted = Signal(object)
    duplicate_wanted = Signal(object)
    rename_wanted = Signal(object)
    delete_wanted = Signal(object)
    save_wanted = Signal()
    save_as_wanted = Signal()
    favourite_wanted = Signal(object)

    def __init__(self, parent=None):
        super().__init__(parent)
        self.entries: list[Entry] = []
        self.favourites: frozenset[str] = frozenset()
        self.playing = None
        self.search, self.rows = SearchField(), QListWidget()
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
        self.search.moved.connect(self._move)
        self.search.entered.connect(self._load_found)
        for key, step in (("PgUp", -1), ("PgDown", 1)):
            QShortcut(QKeySequence(key), self).activated.connect(lambda step=step: self.step(step))
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

    def showEvent(self, event):
        """Only now is it known what is in view."""
        if self.rows.currentItem():
            self.rows.scrollToItem(self.rows.currentItem())

    def show_entries(self, entries) -> None:
        """Take over the library's list."""
        self.entries = list(entries)
        self._fill()

    def show_favourites(self, paths) -> None:
        """Files of the player's favourites."""
        self.favourites = frozenset(paths)
        self._fill()

    def show_playing(self, path) -> None:
        """Mark the preset that plays; path None: it is in no file."""
        self.playing = path
        for row in range(self.rows.count()):
            item = self.rows.item(row)
            entry = item.data(ENTRY)
            item.setData(PLAYING, entry is not None and entry.path == path)
            if item.data(PLAYING):
                self.rows.setCurrentItem(item)
                self.rows.scrollToItem(item)
        self.more.setEnabled(self.current() is not None)

    def allow_saving(self, possible: bool) -> None:
        """Without a preset there is nothing to save."""
        for button in (self.save, self.save_as):
            button.setEnabled(possible)

    def current(self) -> Entry | None:
        """The entry that plays."""
        return next((entry for entry in self.entries if entry.path == self.playing), None)

    def step(self, way: int) -> None:
        """Load the one before (-1) or after (1) the one that plays, of those on show; at the ends nothing happens."""
        items = self._loadable()
        playing = [i for i, item in enumerate(items) if item.data(PLAYING)]
        place = playing[0] + way if playing else (0 if way > 0 else len(items) - 1)
        if 0 <= place < len(items):
            self._load(items[place])

    def _loadable(self):
        items = (self.rows.item(row) for row in range(self.rows.count()))
        return [item for item in items if item.data(ENTRY) and not item.data(ENTRY).problem]

    def _move(self, way):
        """The current row, by keys in the search field."""
        items, current = self._loadable(), self.rows.currentItem()
        place = items.index(current) + way if current in items else 0
        if items:
            self.rows.setCurrentItem(items[min(max(place, 0), len(items) - 1)])

    def _load_found(self):
        """The row that the arrow keys reached, else the first."""
        items, current = self._loadable(), self.rows.currentItem()
        if items:
            self._load(current if current in items else items[0])

    def _fill(self):
        words = self.search.text().casefold().split()
        found = [entry for entry in self.entries if _matches(entry, words)]
        self.rows.clear()
        best = [entry for entry in found if str(entry.path) in self.favourites]
        rest = [entry for entry in found if entry not in best]
        for title, group in (
            ("Favourites", best),
            ("Yours", [entry for entry in rest if not entry.factory]),
            ("Factory", [entry for entry in rest if entry.factory]),
        ):
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
        item = QListWidgetItem(self._title(entry), self.rows)
        item.setData(ENTRY, entry)
        item.setData(FAVOURITE, str(entry.path) in self.favourites)
        what = entry.problem or " · ".join((*entry.corners, *(f"#{tag}" for tag in entry.tags)))
        item.setToolTip(theme.verbatim(what))
        if entry.problem:
            item.setFlags(Qt.ItemFlag.NoItemFlags)

    def _title(self, entry):
        """The name; where several have the same, whose it is, or which file."""
        alike = [other for other in self.entries if other.name.casefold() == entry.name.casefold()]
        if len(alike) == 1:
            return entry.name
        own = [other for other in alike if not other.factory]
        return f"{entry.name} ({'factory' if entry.factory else 'yours' if len(own) == 1 else entry.path.stem})"

    def _load(self, item):
        entry = item.data(ENTRY)
        if entry is not None and not entry.problem:
            self.load_wanted.emit(entry)

    def menu(self, entry: Entry) -> QMenu:
        """What can be done with a preset."""
        menu = QMenu(self)
        for text, signal, possible in (
            ("Load", self.load_wanted, not entry.problem),
            (self._wish(entry), self.favourite_wanted, not entry.problem),
            ("Duplicate", self.duplicate_wanted, not entry.problem),
            ("Rename …", self.rename_wanted, not entry.factory and not entry.problem),
            ("Delete …", self.delete_wanted, not entry.factory),
        ):
            action = menu.addAction(text)
            action.setEnabled(possible)
            action.triggered.connect(lambda checked=False, signal=signal: signal.emit(entry))
        return menu

    def _wish(self, entry):
        return "No favourite any more" if str(entry.path) in self.favourites else "Favourite"

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
