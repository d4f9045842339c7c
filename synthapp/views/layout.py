"""Where the window's parts stand: the pad in the middle, and what it leaves to the columns beside it."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

MARGIN = 10
_PIANO = 56, 140  # pixels of height at least and at most


def arrange(window: QWidget, status, columns: tuple[QWidget, QWidget], pad, piano) -> None:
    """Fill the window: the status line, then the pad between the columns, then the keys."""
    body, layout = QHBoxLayout(), QVBoxLayout(window)
    body.setSpacing(MARGIN)
    for widget, stretch in ((columns[0], 0), (pad, 1), (columns[1], 0)):
        body.addWidget(widget, stretch)
    layout.setContentsMargins(MARGIN, MARGIN, MARGIN, 0)
    layout.setSpacing(MARGIN)
    layout.addWidget(status)
    layout.addLayout(body, 1)
    layout.addWidget(piano)


def fit(width: int, height: int, status, columns: tuple[QWidget, QWidget], piano) -> None:
    """Give piano and columns their share of a window of so many pixels; the pad takes what is left."""
    piano.setFixedHeight(min(max(round(0.072 * width), _PIANO[0]), _PIANO[1]))
    widths = column_widths(width, height - piano.height() - status.sizeHint().height() - 3 * MARGIN)
    for column, pixels in zip(columns, widths, strict=True):
        column.setFixedWidth(pixels)


def column_widths(width: int, pad_side: int) -> tuple[int, int]:
    """Pixels of the left and the right column: what a square pad of that side leaves, within bounds."""
    rest = width - pad_side - 4 * MARGIN
    return min(max(round(0.43 * rest), 198), 420), min(max(round(0.57 * rest), 262), 540)


def column(*widgets: tuple[QWidget, int]) -> QWidget:
    """Widgets over one another, each with its stretch."""
    whole = QWidget()
    layout = QVBoxLayout(whole)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(MARGIN)
    for widget, stretch in widgets:
        layout.addWidget(widget, stretch)
    return whole
