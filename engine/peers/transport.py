"""The tempo of JACK's transport, or of PipeWire in its place: there where some program is its timebase master.

Threading model: everything belongs to the chores thread.
"""

import contextlib
import ctypes
from pathlib import Path

from engine.events.tempo import Source

_LIBJACK = "libjack.so.0"
_NO_START_SERVER = 1
_HAS_BEATS = 0x10  # JackPositionBBT
_SIGN = "shm/jack_*_0"  # in /dev, of a server that runs


class _Position(ctypes.Structure):
    """jack_position_t, as far as the tempo. Source: jack/types.h"""

    _pack_ = 1
    _fields_ = [
        ("unique_1", ctypes.c_uint64), ("usecs", ctypes.c_uint64), ("frame_rate", ctypes.c_uint32),
        ("frame", ctypes.c_uint32), ("valid", ctypes.c_uint32), ("bar", ctypes.c_int32), ("beat", ctypes.c_int32),
        ("tick", ctypes.c_int32), ("bar_start_tick", ctypes.c_double), ("beats_per_bar", ctypes.c_float),
        ("beat_type", ctypes.c_float), ("ticks_per_beat", ctypes.c_double), ("beats_per_minute", ctypes.c_double),
        ("rest", ctypes.c_uint8 * 256),
    ]  # fmt: skip


class JackTransport:
    """A Giver that is a client of the server from its first look at one on. name : of that client"""

    source = Source.TRANSPORT

    def __init__(self, name: str = "Manifold tempo"):
        self._name = name.encode()
        self._jack: ctypes.CDLL | None = None
        self._client: int | None = None

    def bpm(self) -> float | None:
        if self._client is None:
            self._connect()
        if self._jack is None or self._client is None:
            return None
        position = _Position()
        self._jack.jack_transport_query(self._client, ctypes.byref(position))
        return position.beats_per_minute if position.valid & _HAS_BEATS else None

    def close(self) -> None:
        if self._jack is not None and self._client is not None:
            self._jack.jack_client_close(self._client)
            self._client = None

    def _connect(self):
        if not any(Path("/dev").glob(_SIGN)):
            return
        with contextlib.suppress(OSError):  # no JACK library, no server
            self._jack = self._jack or _libjack()
            self._client = self._jack.jack_client_open(self._name, _NO_START_SERVER, None)


def _libjack():
    """Raises OSError where it is not installed."""
    jack = ctypes.CDLL(_LIBJACK)
    jack.jack_client_open.restype = ctypes.c_void_p
    jack.jack_client_open.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p]
    jack.jack_client_close.argtypes = [ctypes.c_void_p]
    jack.jack_transport_query.argtypes = [ctypes.c_void_p, ctypes.POINTER(_Position)]
    return jack
