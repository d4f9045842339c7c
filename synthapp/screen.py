"""Whether there is a screen for the window. Qt would end the process by itself where there is none."""

import os
import re
import socket
import sys

from common.errors import DeviceError


def check_screen() -> None:
    """Raises DeviceError where no window can be opened."""
    if fault := screen_fault():
        raise DeviceError(f"{fault} to open a window on; start it in a desktop, or ./run.sh render SONG.mid -o OUT.wav")


def screen_fault() -> str:
    """Empty where a window can be opened. A screen over the network, and what QT_QPA_PLATFORM names, is trusted."""
    if sys.platform != "linux" or os.environ.get("QT_QPA_PLATFORM"):
        return ""
    named = {name: os.environ[name] for name in ("WAYLAND_DISPLAY", "DISPLAY") if os.environ.get(name)}
    if not named:
        return "there is no screen"
    if any(_answers(address) for name, screen in named.items() for address in _ADDRESSES[name](screen)):
        return ""
    text = ", ".join(f"{name}={screen}" for name, screen in named.items())
    return f"{text} is no screen"


def _wayland(screen):
    return [os.path.join(os.environ.get("XDG_RUNTIME_DIR", ""), screen)]


def _x11(screen):
    """Sockets of ":0" or ":0.0": the abstract one first; None stands for a screen of another machine."""
    local = re.fullmatch(r"(?:unix)?:(\d+)(?:\.\d+)?", screen)
    if not local:
        return [None]
    path = f"/tmp/.X11-unix/X{local[1]}"
    return [f"\0{path}", path]


_ADDRESSES = {"WAYLAND_DISPLAY": _wayland, "DISPLAY": _x11}


def _answers(address):
    if address is None:
        return True
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(address)
    except OSError:
        return False
    return True
