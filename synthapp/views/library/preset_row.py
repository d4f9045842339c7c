"""One row of the preset list: a small picture of its pad, its name, and its sounds."""

from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QFont, QImage, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate

from presets.pad import Layout
from synthapp.views import theme
from synthapp.views.hues import corner_hues
from synthapp.views.pad.pad_painting import field_image

ENTRY, PLAYING, FAVOURITE = (Qt.ItemDataRole.UserRole + i for i in range(3))
_HEIGHT, _TITLE_HEIGHT, _TILE = 46, 28, 30
_TILE_CENTRE = 0.40  # lightness


class PresetRow(QStyledItemDelegate):
    """Paints an item that carries a library Entry; an item without one is the title of a group."""

    def sizeHint(self, option, index):
        return QSize(100, _HEIGHT if index.data(ENTRY) else _TITLE_HEIGHT)

    def paint(self, painter, option, index):
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        entry = index.data(ENTRY)
        if entry is None:
            painter.setFont(theme.font(theme.SMALL))
            painter.setPen(theme.DIM)
            painter.drawText(option.rect.adjusted(6, 0, 0, -4), Qt.AlignmentFlag.AlignBottom, index.data())
        else:
            self._paint_entry(painter, QRectF(option.rect), option.state, entry, index)
        painter.restore()

    def _paint_entry(self, painter, box, state, entry, index):
        playing = bool(index.data(PLAYING))
        box.adjust(0, 1, -2, -1)
        painter.setPen(Qt.PenStyle.NoPen)
        if playing or state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(theme.RAISED)
            painter.drawRoundedRect(box, 6, 6)
        if playing:
            painter.setBrush(theme.ACCENT)
            painter.drawRoundedRect(QRectF(box.left(), box.top() + 10, 3, box.height() - 20), 1.5, 1.5)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.alpha(theme.ACCENT, 0.5), 1))
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        tile = QRectF(box.left() + 10, box.center().y() - _TILE / 2, _TILE, _TILE)
        _paint_tile(painter, tile, entry)
        if index.data(FAVOURITE):
            painter.setPen(theme.ACCENT)
            painter.setFont(theme.font(theme.NORMAL))
            painter.drawText(
                box.adjusted(0, 0, -8, 0), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, "♥"
            )
            box = box.adjusted(0, 0, -18, 0)
        self._paint_words(painter, box.adjusted(_TILE + 20, 5, -6, -5), entry, index.data(), playing)

    def _paint_words(self, painter, box, entry, title, playing):
        top, bottom = QRectF(box), QRectF(box)
        top.setHeight(box.height() / 2)
        bottom.setTop(top.bottom())
        painter.setPen(theme.DIM if entry.problem else theme.TEXT)
        painter.setFont(theme.font(theme.NORMAL, QFont.Weight.DemiBold if playing else QFont.Weight.Normal))
        _draw_elided(painter, top, title)
        painter.setPen(theme.DIM)
        painter.setFont(theme.font(10))
        _draw_elided(painter, bottom, "cannot be read" if entry.problem else " · ".join(entry.corners))


def _draw_elided(painter, box, text):
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(box.width()))
    painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)


def _paint_tile(painter, box, entry):
    brush = QBrush(_tile(entry.corners, entry.places))
    painter.setPen(QPen(theme.alpha(theme.WHITE, 0.10), 1))
    painter.setBrushOrigin(QPointF(box.topLeft()))
    painter.setBrush(brush)
    painter.drawRoundedRect(box, 5, 5)


@lru_cache(maxsize=1024)
def _tile(names, places) -> QImage:
    """The field of a preset's pad, small."""
    return field_image(_TILE, corner_hues(names) if names else (), Layout(places), _TILE_CENTRE)
