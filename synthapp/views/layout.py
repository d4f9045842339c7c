"""Where the window's parts stand: the pad in the middle, and what it leaves to the columns beside it."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

MARGIN = 10
SMALL = 640  # pixels of a window's height, below which the strip is folded away until the player opens it
_HALF = 0.49  # of the width, that is the pad's where nobody wants it otherwise
_PIANO = 56, 140  # pixels of height at least and at most


def arrange(window: QWidget, status, columns: tuple[QWidget, QWidget], pad, strip, piano) -> None:
    """Fill the window: the status line, then the pad over its strip between the columns, then the keys."""
    body, layout, middle = QHBoxLayout(), QVBoxLayout(window), column((pad, 1), (strip, 0), spacing=0)
    body.setSpacing(MARGIN)
    for each in columns:
        each.setContentsMargins(0, 0, 0, MARGIN)
    for widget, stretch in ((columns[0], 0), (middle, 1), (columns[1], 0)):
        body.addWidget(widget, stretch)
    layout.setContentsMargins(MARGIN, MARGIN, MARGIN, 0)
    layout.setSpacing(0)
    layout.addWidget(status)
    layout.addSpacing(MARGIN)
    layout.addLayout(body, 1)
    layout.addWidget(piano)


def fit(width: int, height: int, status, columns: tuple[QWidget, QWidget], strip, piano) -> None:
    """Give piano and columns their share of a window of so many pixels; the pad takes what is left."""
    piano.setFixedHeight(min(max(round(0.072 * width), _PIANO[0]), _PIANO[1]))
    others = piano.height() + status.sizeHint().height() + strip.sizeHint().height()
    widths = column_widths(width, height - others - 2 * MARGIN)
    for column, pixels in zip(columns, widths, strict=True):
        column.setFixedWidth(pixels)


def has_room(width: int, height: int, strip_height: int) -> bool:
    """Whether the pad has its half of a window over an open strip of that height, by and large."""
    return height - strip_height - min(max(round(0.072 * width), _PIANO[0]), _PIANO[1]) - 60 >= _HALF * width


def column_widths(width: int, pad_side: int) -> tuple[int, int]:
    """Pixels of the left and the right column: what a square pad of that side leaves, within bounds."""
    rest = width - pad_side - 4 * MARGIN
    return min(max(round(0.43 * rest), 198), 420), min(max(round(0.57 * rest), 262), 540)


def column(*widgets: tuple[QWidget, int], spacing=MARGIN) -> QWidget:
    """Widgets over one another, each with its stretch."""
    whole = QWidget()
    layout = QVBoxLayout(whole)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing)
    for widget, stretch in widgets:
        layout.addWidget(widget, stretch)
    return whole
