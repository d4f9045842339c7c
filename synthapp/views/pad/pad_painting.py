"""How the pad looks: a field of its sounds' hues, what moves on it. Positions are widget points; colours OKLab."""

from functools import lru_cache

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPainterPath, QPen, QPixmap, QRadialGradient

from presets.pad import POINTS, Layout
from synthapp.views import theme
from synthapp.views.hues import in_gamut, oklab, to_srgb

_CORNER_LIGHTNESS, _CENTRE_LIGHTNESS = 0.55, 0.27
_CORNER_CHROMA = 0.13
_MIXED_CHROMA = 1.6  # mixing opposite hues makes grey; this gives some of the colour back
_RADIUS = 14.0
_TRAIL_STEPS = 24
_QUIET = (0.30, 0.012)  # lightness and chroma of a field without sounds
_COARSE, _SMALL = 25, 256  # of free points: places along a side that are looked at, and pixels that are drawn larger
_FOUR = Layout()


def field_lab(x, y, hues, layout=_FOUR, centre=_CENTRE_LIGHTNESS):
    """OKLab of the field at x, y (0..1, y upwards): a smooth mix of the sounds' colours, darker in the middle.

    x, y : float arrays of one shape; hues : an angle in degrees for every sound, or none; centre : lightness of the
    middle
    returns : float64 (..., 3)
    """
    if layout.at_corners or not hues:
        right, up = (way * way * (3 - 2 * way) for way in (x, y))
        weights = _FOUR.weights(right, up)
        edge = (((2 * x - 1) ** 2 + (2 * y - 1) ** 2) / 2) ** 0.75
    else:
        weights = layout.weights(x, y)
        edge = (weights**2).sum(-1)
    lab = weights @ _corner_lab(tuple(hues))
    dark = centre / lab[..., 0]
    lab *= (dark + (1 - dark) * edge)[..., np.newaxis]  # all three, so that dark hues stay in gamut
    lab[..., 1:] *= (_MIXED_CHROMA + (1 - _MIXED_CHROMA) * edge)[..., np.newaxis]
    return lab


@lru_cache(maxsize=256)
def _corner_lab(hues):
    """OKLab (sounds, 3): each hue as strong as the screen can show it."""
    if not hues:
        return oklab(*_QUIET, np.full(4, 265.0))
    chroma = np.full(len(hues), _CORNER_CHROMA)
    while (outside := ~in_gamut(oklab(_CORNER_LIGHTNESS, chroma, np.array(hues)))).any():
        chroma[outside] *= 0.97
    return oklab(_CORNER_LIGHTNESS, chroma, np.array(hues))


def field_image(side: int, hues, layout=_FOUR, centre=_CENTRE_LIGHTNESS) -> QImage:
    """The field as a square picture; a little noise keeps the dark gradients from banding."""
    x = (np.arange(side) + 0.5) / side
    if layout.at_corners or side <= _COARSE:
        lab = field_lab(*np.meshgrid(x, x[::-1]), hues, layout, centre)
    else:
        few = np.linspace(0, 1, _COARSE)
        lines = np.maximum(1 - np.abs(x[:, None] - few) * (_COARSE - 1), 0)  # straight, from one place to the next
        lab = np.einsum("is,jt,stc->ijc", lines[::-1], lines, field_lab(*np.meshgrid(few, few), hues, layout, centre),
                        optimize=True)  # fmt: skip
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (side, side, 1))
    pixels = np.full((side, side, 4), 255, np.uint8)
    pixels[..., :3] = np.clip(to_srgb(lab) * 255 + noise + 0.5, 0, 255)
    return QImage(pixels.data, side, side, QImage.Format.Format_RGBX8888).copy()


def bright(x: float, y: float, hues, layout=_FOUR, lightness=0.86) -> QColor:
    """The field's hue at one point, as a light colour for what glows there."""
    lab = field_lab(np.array(x), np.array(y), hues, layout)
    lab[..., 0] = lightness
    return QColor.fromRgbF(*(float(channel) for channel in to_srgb(lab)))


def background(pixels: int, ratio: float, hues, layout: Layout, focus: bool) -> QPixmap:
    """Field, grid and outline with round corners. pixels : of the screen, a side; ratio : of those to points"""
    pixmap = QPixmap(pixels, pixels)
    pixmap.fill(theme.BACKGROUND)
    pixmap.setDevicePixelRatio(ratio)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    square = QRectF(0, 0, pixels / ratio, pixels / ratio)
    outline = QPainterPath()
    outline.addRoundedRect(square.adjusted(0.6, 0.6, -0.6, -0.6), _RADIUS, _RADIUS)
    painter.setClipPath(outline)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(square, field_image(pixels if layout.at_corners else min(pixels, _SMALL), hues, layout))
    paint_grid(painter, square)
    painter.setClipping(False)
    painter.setPen(QPen(theme.alpha(theme.ACCENT if focus else theme.WHITE, 0.7 if focus else 0.12), 1.2))
    painter.drawPath(outline)
    painter.end()
    return pixmap


def paint_grid(painter: QPainter, square: QRectF) -> None:
    """Eighths, hardly there, and a cross in the middle."""
    for i in range(1, 8):
        painter.setPen(QPen(theme.alpha(theme.WHITE, 0.10 if i == 4 else 0.035), 1))
        along = square.left() + square.width() * i / 8
        painter.drawLine(QPointF(along, square.top()), QPointF(along, square.bottom()))
        down = square.top() + square.height() * i / 8
        painter.drawLine(QPointF(square.left(), down), QPointF(square.right(), down))


def paint_quarter(painter: QPainter, square: QRectF, corner: int) -> None:
    """Lighten the quarter of the pad into which a sound would be dropped."""
    quarter = QRectF(square.topLeft(), square.size() / 2)
    x, y = POINTS[corner]
    quarter.translate(x * quarter.width(), (1 - y) * quarter.height())
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.alpha(theme.WHITE, 0.16))
    painter.drawRoundedRect(quarter, _RADIUS, _RADIUS)


def paint_spot(painter: QPainter, point: QPointF, radius: float) -> None:
    """Lighten the place where a sound would be dropped."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.alpha(theme.WHITE, 0.30))
    painter.drawEllipse(point, radius, radius)


def paint_rays(painter: QPainter, cursor: QPointF, points, weights) -> None:
    """A line to every sound's point, as strong as it sounds."""
    for corner, weight in zip(points, weights, strict=True):
        if weight > 0.01:
            painter.setPen(QPen(theme.alpha(theme.WHITE, 0.04 + 0.30 * weight), 0.6 + 1.4 * weight))
            painter.drawLine(cursor, corner)


def paint_trail(painter: QPainter, points, color: QColor) -> None:
    """points : (point, strength), the oldest first; the line thins and fades with age, in a few steps."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    length = -(-len(points) // _TRAIL_STEPS)
    for start in range(0, len(points) - 1, max(length, 1)):
        piece = points[start : start + length + 1]
        strength = piece[-1][1]
        pen = QPen(theme.alpha(color, 0.75 * strength**1.5), 0.5 + 3.5 * strength)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.drawPolyline([point for point, _ in piece])


def paint_cursor(painter: QPainter, cursor: QPointF, color: QColor, glow: float) -> None:
    """Where the sound is. glow : radius of the light around it."""
    light = QRadialGradient(cursor, glow)
    light.setColorAt(0.0, theme.alpha(color, 0.55))
    light.setColorAt(0.25, theme.alpha(color, 0.20))
    light.setColorAt(1.0, theme.alpha(color, 0.0))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(light))
    painter.drawEllipse(cursor, glow, glow)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.alpha(theme.WHITE, 0.9), 1.6))
    painter.drawEllipse(cursor, 11, 11)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.WHITE)
    painter.drawEllipse(cursor, 4, 4)


def paint_ghost(painter: QPainter, point: QPointF) -> None:
    """Where the pointer is and the sound is going."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.alpha(theme.WHITE, 0.55), 1.2, Qt.PenStyle.DotLine))
    painter.drawEllipse(point, 7, 7)


def draw_on_shade(painter: QPainter, box: QRectF, flags, text: str) -> None:
    """White text on a little shade, so that it can be read on the lightest corner, too."""
    shade = painter.boundingRect(box, flags, text).adjusted(-5, -1, 5, 1)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.alpha(theme.BACKGROUND, 0.25))
    painter.drawRoundedRect(shade, 5, 5)
    painter.setPen(theme.WHITE)
    painter.drawText(box, flags, text)
