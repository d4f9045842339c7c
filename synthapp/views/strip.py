"""A strip of tabs under the pad, which folds away."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from synthapp.views import theme

SPACING, GAP, TABS = 0, 2, 20  # pixels between tabs, around them, of their height
SCROLL = 8  # of a scroll bar's height


class Strip(QWidget):
    """A click on a tab opens its page, one on the open tab folds the strip away.

    pages : title -> page, all of one height; aside : at the right end of the tabs

    Signals
    toggled(open) : by the player
    """

    toggled = Signal(bool)

    def __init__(self, pages: dict[str, QWidget], *aside: QWidget, parent=None):
        super().__init__(parent)
        self.tabs = [_tab(title) for title in pages]
        self._pages = QStackedWidget()
        tabs, layout = QHBoxLayout(), QVBoxLayout(self)
        tabs.setSpacing(SPACING)
        for place, (tab, page) in enumerate(zip(self.tabs, pages.values(), strict=True)):
            self._pages.addWidget(page)
            tab.clicked.connect(lambda checked, place=place: self._choose(place))
            tabs.addWidget(tab)
        tabs.addStretch()
        for widget in aside:
            tabs.addWidget(widget)
        layout.setContentsMargins(0, GAP, 0, 0)
        layout.setSpacing(GAP)
        layout.addLayout(tabs)
        layout.addWidget(self._pages)
        self.set_open(True)

    @property
    def open_height(self) -> int:
        """Pixels that it takes when it is open."""
        return TABS + 2 * GAP + self._pages.sizeHint().height()

    @property
    def narrowest(self) -> int:
        """Pixels of width that its tabs take."""
        return self.minimumSizeHint().width()

    @property
    def is_open(self) -> bool:
        return not self._pages.isHidden()

    def set_open(self, open_: bool) -> None:
        """Show the page that was shown last, or the tabs alone."""
        self._pages.setVisible(open_)
        for place, tab in enumerate(self.tabs):
            shown = open_ and place == self._pages.currentIndex()
            tab.setChecked(shown)
            tab.setAccessibleDescription("open" if shown else "folded away")

    def _choose(self, place):
        fold = self.is_open and place == self._pages.currentIndex()
        self._pages.setCurrentIndex(place)
        self.set_open(not fold)
        self.toggled.emit(not fold)


def _tab(title):
    tab = theme.styled(QPushButton(title.upper(), checkable=True), "tab")
    tab.setFixedHeight(TABS)
    tab.setMinimumWidth(tab.sizeHint().width())  # no letter is cut
    tab.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    tab.setAccessibleName(title)
    tab.setToolTip(f"{title}: open or fold away")
    return tab


def scrolled(content: QWidget) -> QScrollArea:
    """A page that is wider than the strip may be."""
    area = theme.styled(QScrollArea(widgetResizable=True), "strip")
    area.setWidget(content)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return area
