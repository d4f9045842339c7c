"""Where the keys of a computer keyboard lie, and which letters the layout that is in use writes on them.

A place is named by the letter that a US keyboard has there. Codes are those of X11, which Wayland's compositors use
too: 8 more than Linux's (input-event-codes.h). Other systems count otherwise: there, and where an event brings no code,
the letter of the key stands for its place.
"""

import contextlib
import ctypes
import sys

_FIRST_CODES = {"QWERTYUIOP": 24, "ASDFGHJKL": 38, "ZXCVBNM": 52}
PLACES = {first + i: letter for row, first in _FIRST_CODES.items() for i, letter in enumerate(row)}
_CORE_KEYBOARD = 0x100


def place_of(key: int, code: int) -> str:
    """The place of a key. key : Qt.Key; code : nativeScanCode; empty: none that matters here."""
    if code and sys.platform.startswith("linux"):
        return PLACES.get(code, "")
    return chr(key) if ord("A") <= key <= ord("Z") else ""


def letters_in_use() -> dict[str, str]:
    """place -> what the layout writes there, as far as it is to be had: the X server tells it (Xwayland, too)."""
    with contextlib.suppress(OSError, AttributeError):  # no such library: another window system
        return _ask_x11(ctypes.CDLL("libX11.so.6"))
    return {}


class _State(ctypes.Structure):
    """XkbStateRec, as far as its group; the rest is room for what the library writes behind it."""

    _fields_ = [("group", ctypes.c_ubyte), ("rest", ctypes.c_ubyte * 63)]


def _ask_x11(x11):
    x11.XOpenDisplay.restype, x11.XOpenDisplay.argtypes = ctypes.c_void_p, [ctypes.c_char_p]
    x11.XCloseDisplay.argtypes = [ctypes.c_void_p]
    x11.XkbGetState.argtypes = [ctypes.c_void_p, ctypes.c_uint, ctypes.POINTER(_State)]
    x11.XkbKeycodeToKeysym.restype = ctypes.c_ulong
    x11.XkbKeycodeToKeysym.argtypes = [ctypes.c_void_p, ctypes.c_ubyte, ctypes.c_uint, ctypes.c_uint]
    display = x11.XOpenDisplay(None)
    if not display:
        return {}
    try:
        state = _State()
        x11.XkbGetState(display, _CORE_KEYBOARD, ctypes.byref(state))
        symbols = {place: x11.XkbKeycodeToKeysym(display, code, state.group, 0) for code, place in PLACES.items()}
    finally:
        x11.XCloseDisplay(display)
    letters = {place: _letter(_character(symbol)) for place, symbol in symbols.items()}
    return {place: letter for place, letter in letters.items() if letter}


def _character(symbol):
    """Of a keysym: Latin-1 stands for itself, Unicode has a mark; older alphabets are asked from xkbcommon."""
    if 0x20 <= symbol <= 0xFF:
        return chr(symbol)
    if symbol >> 24 == 1:
        return chr(symbol & 0xFFFFFF)
    xkbcommon = ctypes.CDLL("libxkbcommon.so.0")  # Qt needs it as well
    return chr(xkbcommon.xkb_keysym_to_utf32(ctypes.c_uint32(symbol)))


def written(place: str, text: str) -> str:
    """What a key press tells of the letter on its key; the place's own where it tells nothing."""
    return _letter(text) or place


def _letter(text):
    return text.upper() if len(text) == 1 and text.isprintable() and len(text.upper()) == 1 and text != " " else ""
