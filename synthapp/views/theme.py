"""The palette, the fonts' sizes and the one style sheet. Sounds bring the hues; the frame around them stays quiet."""

import html
from typing import TypeVar

from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication, QWidget

Widget = TypeVar("Widget", bound=QWidget)

BACKGROUND = QColor("#0f1116")
PANEL = QColor("#161920")
RAISED = QColor("#222630")
HOVER = QColor("#2c313d")
LINE = QColor("#2b303b")
TRACK = QColor("#687084")  # of a knob: 3:1 on the panel
TEXT = QColor("#e8eaf0")
DIM = QColor("#98a0b3")
ACCENT = QColor("#f2bd7e")
ALERT = QColor("#ff7468")
WHITE = QColor("#ffffff")

SMALL, NORMAL, LARGE = 11, 13, 18  # pixels at 100 %
RADIUS = 8
GAP = 12


def alpha(color: QColor, opacity: float) -> QColor:
    """The same colour, see-through. opacity 0..1."""
    faded = QColor(color)
    faded.setAlphaF(min(max(opacity, 0.0), 1.0))
    return faded


def styled(widget: Widget, style: str) -> Widget:
    """The widget, dressed by the rule `#style` of the style sheet."""
    widget.setObjectName(style)
    return widget


def verbatim(text: str) -> str:
    """A tooltip or question that Qt shows letter by letter, whatever markup is in it."""
    return f"<qt>{html.escape(text)}</qt>" if text else ""


def font(pixels: int, weight=QFont.Weight.Normal) -> QFont:
    """The system's sans serif at a size."""
    chosen = QFont(QApplication.font())
    chosen.setPixelSize(pixels)
    chosen.setWeight(weight)
    return chosen


STYLE = f"""
* {{ font-size: {NORMAL}px; color: {TEXT.name()}; }}
QWidget#window, QDialog {{ background: {BACKGROUND.name()}; }}
QFrame#panel {{ background: {PANEL.name()}; border-radius: {RADIUS}px; }}
QFrame#starting {{ background: {PANEL.name()}; border: 1px solid {LINE.name()}; border-radius: {RADIUS}px; }}
QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
QInputDialog QLineEdit {{ min-width: 280px; }}
QLabel {{ background: transparent; }}
QLabel#title {{ color: {DIM.name()}; font-size: {SMALL}px; font-weight: 600; letter-spacing: 1px; }}
QLabel#dim {{ color: {DIM.name()}; font-size: {SMALL}px; }}
QLabel#preset {{ font-size: {LARGE}px; font-weight: 600; }}
QLabel#brand {{ color: {ACCENT.name()}; font-size: {LARGE}px; font-weight: 300; letter-spacing: 2px; }}
QLabel#value {{ font-weight: 600; }}
QLabel#knobLabel {{ color: {DIM.name()}; font-size: 10px; }}
QFrame#card {{ background: {PANEL.name()}; border-radius: {RADIUS}px; }}
QPushButton#cardName {{ background: transparent; padding: 2px 4px; text-align: left; font-size: 12px;
    font-weight: 600; }}
QPushButton#cardName:hover {{ background: {RAISED.name()}; }}
QPushButton#cardName:checked {{ background: {RAISED.name()}; color: {ACCENT.name()}; }}
QPushButton#cardName:focus {{ border-color: {ACCENT.name()}; }}
QPushButton#addEffect {{ background: {PANEL.name()}; color: {DIM.name()}; font-size: {LARGE}px; padding: 0;
    border-radius: {RADIUS}px; }}
QPushButton#addEffect:hover {{ background: {RAISED.name()}; }}
QPushButton#addEffect:focus {{ border-color: {ACCENT.name()}; }}
QPushButton#addEffect::menu-indicator {{ width: 0; }}
QPushButton#tab {{ background: transparent; color: {DIM.name()}; font-size: {SMALL}px; font-weight: 600;
    letter-spacing: 0.5px; padding: 0 5px; border-radius: 5px; }}
QPushButton#tab:checked {{ background: {PANEL.name()}; color: {TEXT.name()}; }}
QPushButton#tab:hover {{ background: {RAISED.name()}; }}
QPushButton#tab:focus {{ border-color: {ACCENT.name()}; }}
QScrollArea#strip, QScrollArea#strip > QWidget > QWidget {{ background: transparent; border: none; }}
QLineEdit#tempo {{ background: transparent; border: 1px solid transparent; padding: 0 4px;
    font-size: {SMALL}px; color: {DIM.name()}; }}
QLineEdit#tempo:hover {{ border-color: {LINE.name()}; }}
QLineEdit#tempo:focus {{ border-color: {ACCENT.name()}; color: {TEXT.name()}; }}
QFrame#toast {{ border-radius: {RADIUS}px; border: 1px solid #6b5a45; background: #211f20; }}
QPushButton {{ background: {RAISED.name()}; border: 1px solid transparent; border-radius: 6px; padding: 5px 9px; }}
QPushButton:hover {{ background: {HOVER.name()}; }}
QPushButton:pressed {{ background: {LINE.name()}; }}
QPushButton:focus {{ border-color: {ACCENT.name()}; }}
QPushButton:disabled {{ color: #5b6273; background: {PANEL.name()}; border-color: {LINE.name()}; }}
QPushButton#panic {{ color: {ALERT.name()}; border: 1px solid {ALERT.name()}; font-weight: 700; letter-spacing: 1px;
    padding: 5px 14px; background: transparent; }}
QPushButton#panic:hover, QPushButton#panic:focus {{ background: {ALERT.name()}; color: {BACKGROUND.name()}; }}
QPushButton#trouble {{ color: {ACCENT.name()}; border: 1px solid {ACCENT.name()}; font-weight: 700; padding: 5px 11px;
    background: transparent; }}
QPushButton#recorder {{ background: transparent; color: {DIM.name()}; font-size: {SMALL}px; font-weight: 600;
    padding: 0 6px; border-radius: 5px; }}
QPushButton#recorder:hover {{ background: {RAISED.name()}; }}
QPushButton#recorder:focus {{ border-color: {ACCENT.name()}; }}
QPushButton#recorder[recording="true"] {{ color: {ALERT.name()}; }}
QPushButton#corner {{ background: rgba(255, 255, 255, 36); border-radius: 10px; padding: 0 0 1px 0; font-weight: 600; }}
QPushButton#corner:hover {{ background: rgba(255, 255, 255, 90); }}
QPushButton#corner:focus {{ border-color: {ACCENT.name()}; }}
QPushButton#point {{ background: transparent; border: 1.5px solid rgba(255, 255, 255, 150); border-radius: 10px; }}
QPushButton#point:focus {{ border-color: {ACCENT.name()}; background: rgba(255, 255, 255, 60); }}
QPushButton#corner:disabled {{ color: rgba(255, 255, 255, 70); background: transparent; border-color: transparent; }}
QProgressBar {{ background: {LINE.name()}; border: none; border-radius: 3px; }}
QProgressBar::chunk {{ background: {ACCENT.name()}; border-radius: 3px; }}
QLineEdit {{ background: {BACKGROUND.name()}; border: 1px solid {LINE.name()}; border-radius: 6px; padding: 5px 8px;
    selection-background-color: {ACCENT.name()}; selection-color: {BACKGROUND.name()}; }}
QLineEdit:focus {{ border-color: {ACCENT.name()}; }}
QLineEdit#knob {{ background: transparent; border: 1px solid transparent; padding: 0; font-size: {SMALL}px; }}
QLineEdit#knob:hover {{ border-color: {LINE.name()}; }}
QLineEdit#knob:focus {{ background: {BACKGROUND.name()}; border-color: {ACCENT.name()}; }}
QComboBox {{ background: {RAISED.name()}; border: 1px solid transparent; border-radius: 6px; padding: 5px 9px; }}
QComboBox:hover {{ background: {HOVER.name()}; }}
QComboBox:focus {{ border-color: {ACCENT.name()}; }}
QComboBox:disabled {{ color: {DIM.name()}; background: {BACKGROUND.name()}; }}
QComboBox::drop-down {{ border: none; width: 18px; }}
QComboBox QAbstractItemView, QMenu {{ background: {RAISED.name()}; border: 1px solid {LINE.name()}; padding: 4px;
    outline: 0; selection-background-color: {HOVER.name()}; selection-color: {TEXT.name()}; }}
QMenu::item {{ padding: 5px 18px; border-radius: 4px; }}
QMenu::item:selected {{ background: {HOVER.name()}; }}
QMenu::item:disabled {{ color: #5b6273; }}
QListWidget {{ background: transparent; border: none; outline: 0; }}
QScrollBar:vertical {{ background: transparent; width: 8px; margin: 0; }}
QScrollBar::handle:vertical {{ background: {LINE.name()}; border-radius: 4px; min-height: 24px; }}
QScrollBar:horizontal {{ background: transparent; height: 6px; margin: 0; }}
QScrollBar::handle:horizontal {{ background: {LINE.name()}; border-radius: 3px; min-width: 24px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ height: 0; width: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: none; }}
QToolTip {{ background: {RAISED.name()}; color: {TEXT.name()}; border: 1px solid {LINE.name()}; padding: 4px 6px; }}
"""


def apply(application: QApplication) -> None:
    """Dress the whole application."""
    application.setStyle("Fusion")
    application.setPalette(_palette())
    application.setStyleSheet(STYLE)


def _palette():
    palette = QPalette()
    role = QPalette.ColorRole
    for which, color in (
        (role.Window, BACKGROUND),
        (role.Base, BACKGROUND),
        (role.Button, RAISED),
        (role.Text, TEXT),
        (role.WindowText, TEXT),
        (role.ButtonText, TEXT),
        (role.PlaceholderText, DIM),
        (role.Highlight, ACCENT),
        (role.HighlightedText, BACKGROUND),
    ):
        palette.setColor(which, color)
    return palette
