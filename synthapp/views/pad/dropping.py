"""What was dropped on the pad, and what is to become of it. Free of painting."""

from dataclasses import dataclass
from pathlib import Path

from presets.file import SUFFIX
from presets.pad import CORNERS
from synthapp.views.panel.dialogs import SOUND_SUFFIXES

_NAMED = 4  # of what is left out, by name


@dataclass(frozen=True)
class Dropped:
    """Sounds for as many corners, or a preset to play; and what becomes of nothing and why, in one line."""

    sounds: tuple[str, ...] = ()
    preset: str = ""
    refusal: str = ""


def dropped_files(mime) -> list[str]:
    """Paths of the local files that are being dragged. mime : QMimeData"""
    return [url.toLocalFile() for url in mime.urls() if url.isLocalFile()]


def judge(paths: list[str]) -> Dropped:
    """What is to become of files that were dropped: all sounds that have a corner, or else the first preset."""
    sounds = tuple(path for path in paths if _suffix(path) in SOUND_SUFFIXES)
    presets = [path for path in paths if _suffix(path) == SUFFIX]
    taken = sounds[:CORNERS] or presets[:1]
    left = [path for path in paths if path not in taken]
    refusal = _left_out(left) if taken and left else _refusal(paths[0]) if left else ""
    if not taken and len(paths) > 1:
        refusal = f"none of {len(paths)} is a sound or a preset; {refusal}"
    return Dropped(sounds[:CORNERS], "" if sounds else "".join(taken), refusal)


def _suffix(path):
    """Of its name, in small letters; a folder has none."""
    return "" if Path(path).is_dir() else Path(path).suffix.lower()


def _left_out(paths):
    whys = {SUFFIX: "drop a preset by itself"} | dict.fromkeys(SOUND_SUFFIXES, f"there are {CORNERS} corners")
    named = [f"{Path(path).name} ({whys.get(_suffix(path), 'no sound')})" for path in paths[:_NAMED]]
    more = [f"{len(paths) - _NAMED} more"] if len(paths) > _NAMED else []
    return f"left out: {', '.join(named + more)}"


def _refusal(path):
    if Path(path).is_dir():
        return f"{path} is a folder; drop sounds or one preset out of it"
    known = " ".join((*SOUND_SUFFIXES, SUFFIX))
    return f"{path} is neither a sound nor a preset by its name; known are {known}"
