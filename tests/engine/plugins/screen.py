"""An X server of one's own, and what a hand and a window manager do on it."""

import contextlib
import ctypes
import os
import subprocess

_CLIENT_MESSAGE, _LONGS = 33, 32


class _Event(ctypes.Structure):
    """XClientMessageEvent, see Xlib.h, as large as any XEvent."""

    _fields_ = (
        ("type", ctypes.c_int), ("serial", ctypes.c_ulong), ("sent", ctypes.c_int), ("display", ctypes.c_void_p),
        ("window", ctypes.c_ulong), ("kind", ctypes.c_ulong), ("format", ctypes.c_int), ("data", ctypes.c_long * 24),
    )  # fmt: skip


@contextlib.contextmanager
def new_screen():
    """Its name is in $DISPLAY, and the names that every window manager has made are known to it."""
    server = subprocess.Popen(
        ["Xvfb", "-noreset", "-displayfd", "1", "-screen", "0", "1280x800x24"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    before = os.environ.get("DISPLAY")
    os.environ["DISPLAY"] = f":{server.stdout.readline().strip()}"
    try:
        with _names():
            yield
    finally:
        os.environ.pop("DISPLAY")
        os.environ |= {"DISPLAY": before} if before else {}
        server.kill()
        server.wait()


def do(*command):
    """xdotool. returns : what it says, word by word"""
    return subprocess.run(["xdotool", *map(str, command)], capture_output=True, text=True).stdout.split()


def close_window(number):
    """As a window manager does when its cross is clicked."""
    with _names() as (x, display, protocols, delete):
        event = _Event(type=_CLIENT_MESSAGE, window=number, kind=protocols, format=_LONGS)
        event.data[0] = delete
        x.XSendEvent(display, ctypes.c_ulong(number), 0, ctypes.c_long(0), ctypes.byref(event))


@contextlib.contextmanager
def _names():
    """(Xlib, display, WM_PROTOCOLS, WM_DELETE_WINDOW); a server knows no names that nobody has used yet."""
    x = ctypes.CDLL("libX11.so.6")
    x.XOpenDisplay.restype, x.XInternAtom.restype = ctypes.c_void_p, ctypes.c_ulong
    display = ctypes.c_void_p(x.XOpenDisplay(None))
    yield x, display, *(x.XInternAtom(display, name, 0) for name in (b"WM_PROTOCOLS", b"WM_DELETE_WINDOW"))
    x.XCloseDisplay(display)
