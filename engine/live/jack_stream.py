"""Four outputs under JACK, or PipeWire in its place: the sound, and the sound before the effects, frame by frame.

PortAudio opens no more channels than the loudspeakers have; so this is a client of its own, its callback compiled as
that of engine.live.stream is. Threading model: as there.
"""

import contextlib
import ctypes

import numpy as np
from numba import carray, cfunc, types

from common.errors import DeviceError
from engine.live.ring import WORDS, Ring, Word, take
from engine.live.stream import CAPACITY

CLIENT_NAME = b"Manifold out"  # PortAudio has its own
OUTPUTS = ("wet_1", "wet_2", "dry_1", "dry_2")
_AUDIO = b"32 bit float mono audio"
_IS_INPUT, _IS_OUTPUT, _IS_PHYSICAL = 1, 2, 4
_NO_START_SERVER = 1
_LONGEST_PERIOD = 16384  # frames
_BEATS, _LONGEST_US, _LAST_US = int(Word.BEATS), int(Word.LONGEST_US), int(Word.LAST_US)

with contextlib.suppress(OSError):  # before the compiled callback is, which calls it by name
    ctypes.CDLL("libjack.so.0", ctypes.RTLD_GLOBAL)

_port_buffer = types.ExternalFunction("jack_port_get_buffer", types.voidptr(types.voidptr, types.uint32))
_time_us = types.ExternalFunction("jack_get_time", types.uint64())
_PROCESS = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_uint32, ctypes.c_void_p)


def _process(frames, parts):
    """JackProcessCallback. parts : ring, dry ring, room for a period, and the four ports"""
    now_us = types.int64(_time_us())
    words = carray(parts[0], (WORDS,), np.int64)
    if words[_BEATS] > 0:
        words[_LONGEST_US] = max(words[_LONGEST_US], now_us - words[_LAST_US])
    words[_LAST_US] = now_us
    words[_BEATS] += 1
    count = types.int64(frames)
    room = carray(parts[2], (2 * count,), np.float32)
    for pair in range(2):
        take(parts[pair], room, count, now_us)
        for side in range(2):
            port = carray(_port_buffer(parts[3 + 2 * pair + side], frames), (count,), np.float32)
            for frame in range(count):
                port[frame] = room[2 * frame + side]
    return 0


class JackStream:
    """An output (see `DeviceStream`) with a second ring. Raises DeviceError without a JACK server.

    dry : what the sound is before the effects, to be filled in step with `ring`
    """

    label = "JACK, wet and dry"

    def __init__(self) -> None:
        self._jack = _libjack()
        self._client = self._jack.jack_client_open(CLIENT_NAME, _NO_START_SERVER, None)
        if not self._client:
            raise DeviceError("no JACK server for four outputs; start one, or leave --dry out")
        self.rate = self._jack.jack_get_sample_rate(self._client)
        self.latency_s = self._jack.jack_get_buffer_size(self._client) / self.rate
        self.ring, self.dry = Ring(CAPACITY), Ring(CAPACITY)
        self._room = np.zeros((_LONGEST_PERIOD, 2), np.float32)
        self._ports = [self._register(name) for name in OUTPUTS]
        room = self._room.ctypes.data
        self._parts = (ctypes.c_void_p * 7)(self.ring.address, self.dry.address, room, *self._ports)
        self._callback = _PROCESS(_compiled().address)
        self._jack.jack_set_process_callback(self._client, self._callback, self._parts)

    def start(self) -> None:
        """Let the callbacks begin, and connect the sound to the loudspeakers. Raises DeviceError."""
        if self._jack.jack_activate(self._client):
            raise DeviceError(f"{self.label} cannot be started; is the JACK server well?")
        speakers = self._jack.jack_get_ports(self._client, None, _AUDIO, _IS_INPUT | _IS_PHYSICAL)
        for port, name in zip(self._ports[:2], _names(speakers), strict=False):
            self._jack.jack_connect(self._client, self._jack.jack_port_name(port), name)
        if speakers:
            self._jack.jack_free(speakers)

    def tick(self) -> None:
        """Nothing: the server drains the rings by itself."""

    def close(self) -> None:
        """Hangs if the sound server has died."""
        self._jack.jack_client_close(self._client)

    def _register(self, name):
        port = self._jack.jack_port_register(self._client, name.encode(), _AUDIO, _IS_OUTPUT, 0)
        if not port:
            raise DeviceError(f"{self.label}: the server gives no port for {name}; close some programs")
        return port


def _compiled():
    """With a JACK library there, never before."""
    return cfunc(types.intc(types.uint32, types.CPointer(types.voidptr)), cache=True)(_process)


def _names(listed):
    """Of a list that ends with a null pointer, which may be null itself."""
    for name in listed or ():
        if name is None:
            return
        yield name


def _libjack():
    """Raises DeviceError where it is not installed."""
    try:
        jack = ctypes.CDLL("libjack.so.0")
    except OSError as error:
        raise DeviceError("no JACK library for four outputs; apt install libjack-jackd2-0") from error
    pointer, text = ctypes.c_void_p, ctypes.c_char_p
    for function, result, arguments in (
        (jack.jack_client_open, pointer, [text, ctypes.c_int, pointer]),
        (jack.jack_client_close, ctypes.c_int, [pointer]),
        (jack.jack_get_sample_rate, ctypes.c_uint32, [pointer]),
        (jack.jack_get_buffer_size, ctypes.c_uint32, [pointer]),
        (jack.jack_port_register, pointer, [pointer, text, text, ctypes.c_ulong, ctypes.c_ulong]),
        (jack.jack_port_name, text, [pointer]),
        (jack.jack_set_process_callback, ctypes.c_int, [pointer, _PROCESS, pointer]),
        (jack.jack_activate, ctypes.c_int, [pointer]),
        (jack.jack_get_ports, ctypes.POINTER(text), [pointer, text, text, ctypes.c_ulong]),
        (jack.jack_connect, ctypes.c_int, [pointer, text, text]),
        (jack.jack_free, None, [pointer]),
    ):
        function.restype, function.argtypes = result, arguments
    return jack
