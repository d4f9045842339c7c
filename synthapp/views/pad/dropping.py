"""What was dropped on the pad, and what is to become of it. Free of painting."""

from dataclasses import dataclass
from pathlib import Path

from presets.file import SUFFIX
from synthapp.views.panel.dialogs import SOUND_SUFFIXES


@dataclass(frozen=True)
class Dropped:
    """One of the three: a sound for the corner, a preset to play, or why it can be neither, in one line."""

    sound: str = ""
    preset: str = ""
    refusal: str = ""


def dropped_files(mime) -> list[str]:
    """Paths of the local files that are being dragged. mime : QMimeData"""
    return [url.toLocalFile() for url in mime.urls() if url.isLocalFile()]


def judge(paths: list[str]) -> Dropped:
    """What is to become of files that were dropped."""
    if len(paths) > 1:
        return Dropped(refusal=f"{len(paths)} files at once; drop one: a sound on its corner, or a preset")
    path = Path(paths[0])
    if path.is_dir():
        return Dropped(refusal=f"{path} is a folder; drop one sound or one preset out of it")
    if path.suffix.lower() == SUFFIX:
        return Dropped(preset=str(path))
    if path.suffix.lower() in SOUND_SUFFIXES:
        return Dropped(sound=str(path))
    known = " ".join((*SOUND_SUFFIXES, SUFFIX))
    return Dropped(refusal=f"{path} is neither a sound nor a preset by its name; known are {known}")
