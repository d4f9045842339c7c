"""OSC over UDP: a port that only programs on this machine reach.

Threading model: a thread of its own reads; `hear` is called from it. `close` belongs to whoever opened it.
"""

import contextlib
import socket
import threading
from collections.abc import Callable, Sequence

from common.errors import DeviceError

_HOST = "127.0.0.1"
_LARGEST = 65535  # bytes of a datagram

Hear = Callable[[str, Sequence], object]  # (address, arguments); raises nothing


class OscPort:
    """number : of the UDP port, 0: any that is free

    hear : called for each message, those of a bundle in their order, at once whatever their time tag says
    number : of the port it listens to
    Raises DeviceError where it cannot be had.
    """

    def __init__(self, number: int, hear: Hear):
        try:
            from pythonosc import osc_packet
        except ImportError as error:
            raise DeviceError("OSC: python-osc is not installed; pip install python-osc") from error
        self._packet, self._hear = osc_packet, hear
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self._socket.bind((_HOST, number))
        except (OSError, OverflowError) as error:
            self._socket.close()
            raise DeviceError(f"OSC: port {number} cannot be had ({error}); choose another one") from error
        self.number: int = self._socket.getsockname()[1]
        self._open = True
        threading.Thread(target=self._loop, name="OSC", daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._open = False
        with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"", (_HOST, self.number))

    def _loop(self):
        with self._socket:
            while self._open:
                self._read(self._socket.recv(_LARGEST))

    def _read(self, datagram):
        try:
            messages = self._packet.OscPacket(datagram).messages
        except Exception:  # its parser raises what it likes, and anybody may send anything
            return
        for timed in messages:
            self._hear(timed.message.address, timed.message.params)
