"""The names of the sounds on the pad, and how much of each is heard: in the corners, or beside free points."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QPainter

from synthapp.views import theme
from synthapp.views.pad.pad_painting import draw_on_shade

_BESIDE, _HEIGHT = 14.0, 16.0  # from a point to its label; of one line
_WIDEST = 0.3  # of a label, as a share of the pad's side
_FLAGS = [
    vertical | horizontal
    for vertical in (Qt.AlignmentFlag.AlignBottom, Qt.AlignmentFlag.AlignTop)
    for horizontal in (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight)
]


def paint_corner_names(painter: QPainter, square: QRectF, names, percents) -> None:
    """One in each corner, in the order of presets.pad.POINTS."""
    inner = square.adjusted(20, 16, -20, -16)
    for name, percent, flag in zip(names, percents, _FLAGS, strict=True):
        painter.setFont(theme.font(15, QFont.Weight.DemiBold))
        shown = _elided(painter, name, inner.width() * 0.46)
        at_top = bool(flag & Qt.AlignmentFlag.AlignTop)
        draw_on_shade(painter, inner.adjusted(0, 0, 0, 0 if at_top else -20), flag, shown)
        painter.setFont(theme.font(theme.NORMAL))
        draw_on_shade(painter, inner.adjusted(0, 22 if at_top else 0, 0, 0), flag, f"{percent} %")


def paint_point_names(painter: QPainter, square: QRectF, points: list[QPointF], names, percents) -> None:
    """One beside each point. Where there is no room for all, those that are heard most have it."""
    taken: list[QRectF] = [QRectF(point.x() - 7, point.y() - 7, 14, 14) for point in points]
    for row in sorted(range(len(names)), key=lambda row: -percents[row]):
        heard = percents[row] > 0
        painter.setFont(theme.font(theme.NORMAL if heard else theme.SMALL, QFont.Weight.DemiBold))
        text = _elided(painter, names[row], _WIDEST * square.width()) + (f"  {percents[row]} %" if heard else "")
        width = painter.fontMetrics().horizontalAdvance(text) + 10.0
        box = label_box(points[row], width, square, taken)
        if box is not None:
            taken.append(box)
            draw_on_shade(painter, box, Qt.AlignmentFlag.AlignCenter, text)


def label_box(point: QPointF, width: float, square: QRectF, taken: list[QRectF]) -> QRectF | None:
    """Where a label of this width can stand: right, left, above or below its point, moved into the pad, on no other."""
    height, x, y = _HEIGHT, point.x(), point.y()
    boxes = (
        QRectF(x + _BESIDE, y - height / 2, width, height),
        QRectF(x - _BESIDE - width, y - height / 2, width, height),
        QRectF(x - width / 2, y - _BESIDE - height, width, height),
        QRectF(x - width / 2, y + _BESIDE, width, height),
    )
    room = square.adjusted(4, 4, -4, -4)
    for box in boxes:
        box.moveLeft(max(min(box.left(), room.right() - width), room.left()))
        box.moveTop(max(min(box.top(), room.bottom() - height), room.top()))
    free = (box for box in boxes if not any(box.intersects(other) for other in taken))
    return next(free, None) if width <= room.width() else None


def _elided(painter, name, width):
    return painter.fontMetrics().elidedText(name[:1].upper() + name[1:], Qt.TextElideMode.ElideRight, int(width))
