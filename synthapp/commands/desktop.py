"""`desktop`: the instrument in the menu of the user's desktop, with its icon.

Two files in the user's data directory, as freedesktop.org's specifications of menus and icon themes have it. The entry
starts the command by its absolute path, since a desktop does not know a virtual environment's; where that path is gone,
the desktop shows no entry (TryExec).
"""

import sys
from pathlib import Path
from typing import Annotated

import platformdirs
import typer

from common.atomic import replacing
from common.errors import SynthError
from common.paths import ICON, ROOT

ENTRY = """[Desktop Entry]
Type=Application
Version=1.0
Name=Manifold
GenericName=Neural synthesizer
Comment=Play sounds between sounds
Exec={command}
TryExec={program}
Icon=manifold
Terminal=false
Categories=AudioVideo;Audio;Music;Midi;
Keywords=synthesizer;music;MIDI;
StartupWMClass=manifold
"""


def desktop(remove: Annotated[bool, typer.Option("--remove", help="Take it out of the menu again.")] = False) -> None:
    """Put the instrument into the desktop's menu, with its icon."""
    data = Path(platformdirs.user_data_path())
    entry = data / "applications" / "manifold.desktop"
    icon = data / "icons" / "hicolor" / "scalable" / "apps" / "manifold.svg"
    if remove:
        _remove(entry, icon)
        return
    command = _command()
    text = ENTRY.format(command=" ".join(_quoted(part) for part in command), program=_escaped(command[0]))
    _write(icon, ICON.read_text())
    _write(entry, text)
    print(f"{entry}: starts {' '.join(command)}")


def _command():
    """What starts the window: the installed command, or in a checkout Python and app.py. A list of absolute paths."""
    installed = Path(sys.executable).with_name("manifold")
    if ROOT.is_relative_to(Path(sys.prefix).resolve()) and installed.is_file():
        return [str(installed)]
    return [sys.executable, str(ROOT / "app.py")]


def _quoted(part):
    """An argument of Exec: quoted, what is special within quotes escaped, then the text as every text is."""
    for special in '\\"`$':
        part = part.replace(special, f"\\{special}")
    return _escaped(f'"{part}"').replace("%", "%%")


def _escaped(text):
    return text.replace("\\", "\\\\")


def _write(path, text):
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SynthError(f"{path.parent}: {error.strerror}; make its folder writable") from error
    with replacing(path) as temporary:
        temporary.write_text(text)


def _remove(*paths):
    for path in paths:
        path.unlink(missing_ok=True)
        print(f"{path}: removed")
