"""The questions that the window asks."""

from PySide6.QtWidgets import QFileDialog, QInputDialog, QMessageBox

from synthapp.views import theme

SOUND_SUFFIXES = (".wav", ".flac", ".aif", ".aiff", ".ogg", ".mp3", ".caf", ".au", ".w64", ".npy")


def ask_name(parent, title: str, name: str, problem: str = "") -> str | None:
    """A name, or None where the player thought better of it. problem : why the name that is there cannot be"""
    question = theme.verbatim(f"Name of the preset ({problem})" if problem else "Name of the preset")
    text, agreed = QInputDialog.getText(parent, title, question, text=name)
    return text.strip() if agreed and text.strip() else None


def confirm(parent, title: str, question: str) -> bool:
    """True where the player says yes."""
    yes, no = QMessageBox.StandardButton.Yes, QMessageBox.StandardButton.No
    return QMessageBox.question(parent, title, theme.verbatim(question), yes | no, no) == yes


def ask_sound(parent, place: str) -> str | None:
    """A sound file for a place on the pad, or None."""
    patterns = " ".join(f"*{suffix}" for suffix in SOUND_SUFFIXES)
    path, _ = QFileDialog.getOpenFileName(parent, f"Load a sound, {place}", filter=f"Sounds ({patterns})")
    return path or None


def ask_known(parent, sounds: list[str]) -> int | None:
    """Which of these sounds of presets, or None."""
    text, agreed = QInputDialog.getItem(parent, "Add a sound", "Sound, and the preset that has it", sounds, 0, False)
    return sounds.index(text) if agreed else None


def ask_note(parent, name: str) -> str | None:
    """The note of a recording whose pitch is not clear, as the player writes it, or None."""
    question = f"No clear pitch is heard in {name}. Which note is it, such as A4 or 69?"
    text, agreed = QInputDialog.getText(parent, "Which note?", theme.verbatim(question))
    return text.strip() if agreed and text.strip() else None
