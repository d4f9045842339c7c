"""A titled group on a slightly lighter ground."""

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from synthapp.views import theme


class Panel(QFrame):
    """Title above, content below; the content takes the room there is. aside : at the right of the title"""

    def __init__(self, title: str, *content: QWidget, aside: QWidget | None = None, parent=None):
        super().__init__(parent)
        theme.styled(self, "panel")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.GAP, 9, theme.GAP, 9)
        layout.setSpacing(6)
        top = QHBoxLayout()
        top.addWidget(theme.styled(QLabel(title.upper()), "title"), 1)
        if aside:
            top.addWidget(aside)
        layout.addLayout(top)
        for widget in content:
            layout.addWidget(widget)
