"""The tuning of an MTS-ESP master among this machine's programs, where ODDSound's library is installed.

Threading model: a thread of its own asks the library; `close` from the chores thread.

Source: https://github.com/ODDSound/MTS-ESP, Client/libMTSClient.cpp: which functions of libMTS a client calls.
"""

import contextlib
import ctypes
import math
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from engine.commands import TuneKeys

LIBRARIES = Path("/usr/local/lib/libMTS.so"), Path("/Library/Application Support/MTS-ESP/libMTS.dylib")
KEYS = 128
_A4, _A4_HZ = 69, 440.0
_ANY_CHANNEL = -1
_POLL_S, _SEEK_S = 0.02, 0.5  # between two looks at a master's tuning, or for a master
_EQUAL = TuneKeys(tuple((key, float(key)) for key in range(KEYS)), ())


def library(paths: Sequence[Path] = LIBRARIES) -> Path | None:
    """Where it is installed; None where it is not."""
    return next((path for path in paths if path.is_file()), None)


class MtsEsp:
    """A client of the master, if there is one.

    play : gets a TuneKeys whenever the tuning is another, and equal temperament when the master is gone
    Raises OSError where the library cannot be loaded, AttributeError where it is none.
    """

    def __init__(self, play: Callable[[TuneKeys], object], path: Path):
        self._play, self._library = play, _opened(path)
        self._table = np.ctypeslib.as_array(self._library.MTS_GetTuningTable(), (KEYS,))
        self._last: TuneKeys | None = None  # None: there is no master
        self._closed = threading.Event()
        self._library.MTS_RegisterClient()
        self._thread = threading.Thread(target=self._loop, name="tuning", daemon=True)

    def start(self) -> None:
        """Follow it from now on."""
        self._thread.start()

    def poll(self) -> None:
        """Look once."""
        tuning = self._tuning() if self._library.MTS_HasMaster() else None
        if tuning != self._last:
            self._last = tuning
            self._play(tuning or _EQUAL)

    def close(self) -> None:
        self._closed.set()
        if self._thread.is_alive():
            self._thread.join(timeout=1.0)
        self._library.MTS_DeregisterClient()

    def _loop(self):
        while not self._closed.wait(_SEEK_S if self._last is None else _POLL_S):
            self.poll()

    def _tuning(self):
        keys = tuple((key, _semitones(hz)) for key, hz in enumerate(self._table.tolist()) if 0.0 < hz < math.inf)
        filters = self._library.MTS_ShouldFilterNote
        return TuneKeys(keys, tuple(key for key in range(KEYS) if filters(key, _ANY_CHANNEL)))


def opened(play: Callable[[TuneKeys], object], paths: Sequence[Path] = LIBRARIES) -> MtsEsp | None:
    """The client, which follows; None where no library can be used: most have none, so that is no fault."""
    path = library(paths)
    if path is None:
        return None
    with contextlib.suppress(OSError, AttributeError):
        client = MtsEsp(play, path)
        client.start()
        return client
    return None


def _semitones(hz):
    return _A4 + 12.0 * math.log2(hz / _A4_HZ)


def _opened(path):
    mts = ctypes.CDLL(str(path))
    for name in ("MTS_RegisterClient", "MTS_DeregisterClient"):
        getattr(mts, name).restype = None
    mts.MTS_HasMaster.restype = mts.MTS_ShouldFilterNote.restype = ctypes.c_bool
    mts.MTS_ShouldFilterNote.argtypes = [ctypes.c_byte, ctypes.c_byte]
    mts.MTS_GetTuningTable.restype = ctypes.POINTER(ctypes.c_double)
    return mts
