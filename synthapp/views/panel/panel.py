"""A titled group on a slightly lighter ground."""

from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from synthapp.views import theme


class Panel(QFrame):
    """Title above, content below; the content takes the room there is."""

    def __init__(self, title: str, *content: QWidget, parent=None):
        super().__init__(parent)
        theme.styled(self, "panel")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.GAP, 9, theme.GAP, 9)
        layout.setSpacing(6)
        layout.addWidget(theme.styled(QLabel(title.upper()), "title"))
        for widget in content:
            layout.addWidget(widget)
