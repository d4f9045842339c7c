"""The two questions that the window asks."""

from PySide6.QtWidgets import QInputDialog, QMessageBox


def ask_name(parent, title: str, name: str) -> str | None:
    """A name, or None where the player thought better of it."""
    text, agreed = QInputDialog.getText(parent, title, "Name of the preset", text=name)
    return text.strip() if agreed and text.strip() else None


def confirm(parent, title: str, question: str) -> bool:
    """True where the player says yes."""
    return QMessageBox.question(parent, title, question) == QMessageBox.StandardButton.Yes
