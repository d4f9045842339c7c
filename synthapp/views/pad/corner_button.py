"""The small button at a corner of the pad that asks for a sound file, beside its percents."""

from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtWidgets import QPushButton

from presets.pad import PLACES, POINTS
from synthapp.views import theme

_SIDE = 20
_BESIDE, _IN_ROW = 68, 26  # pixels from the pad's edges to the middle: right of the percents, in their row


class CornerButton(QPushButton):
    """A plus sign beside the percents of one corner, 0 to 3."""

    def __init__(self, corner: int, parent=None):
        super().__init__("+", parent)
        self.corner = corner
        theme.styled(self, "corner")
        self.setFixedSize(_SIDE, _SIDE)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(f"Load a sound, {PLACES[corner]}")
        self.setToolTip("Load a sound from a file into this corner, or drop one here")

    def place(self, square: QRectF) -> None:
        """Lie inside the pad, where its corner's percents are."""
        right, top = POINTS[self.corner]
        x = square.right() - _BESIDE if right else square.left() + _BESIDE
        y = square.top() + _IN_ROW + 20 if top else square.bottom() - _IN_ROW
        self.move(QPoint(round(x), round(y)) - self.rect().center())
