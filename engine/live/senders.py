"""Which programs are connected to a port of ours. RtMidi does not say, and a sender that dies says nothing either.

Threading model: everything belongs to the chores thread.
"""

import contextlib
import ctypes
import re
from pathlib import Path

_LIBJACK = "libjack.so.0"
_NO_START_SERVER = 1
_INPUT = 1
_MIDI = b"8 bit raw midi"
_ALSA_CLIENTS = Path("/proc/asound/seq/clients")


class JackSenders:
    """Asks the JACK server (or PipeWire in its place) through a client of its own. Raises OSError without one."""

    def __init__(self, name: str):
        self._jack = _libjack()
        self._client = self._jack.jack_client_open(f"{name} watch".encode(), _NO_START_SERVER, None)
        if not self._client:
            raise OSError("no JACK server")

    def ports(self, client: str) -> set[str]:
        """Full names of the MIDI inputs of all clients of that name, which the server numbers: Manifold-01:in."""
        pattern = f"^{re.escape(client)}(-[0-9]+)?:".encode()
        return self._names(self._jack.jack_get_ports(self._client, pattern, _MIDI, _INPUT))

    def of(self, port: str) -> set[str]:
        """Names of the ports that are connected to it."""
        found = self._jack.jack_port_by_name(self._client, port.encode())
        return self._names(self._jack.jack_port_get_all_connections(self._client, found)) if found else set()

    def _names(self, listed):
        """Of a list that ends with a null pointer, and that is ours to free."""
        if not listed:
            return set()
        names = set()
        for name in listed:
            if name is None:
                break
            names.add(name.decode(errors="replace"))
        self._jack.jack_free(listed)
        return names


class AlsaSenders:
    """Reads what the kernel's sequencer lists."""

    def __init__(self, name: str):
        if not _ALSA_CLIENTS.exists():
            raise OSError("no ALSA sequencer")

    def ports(self, client: str) -> set[str]:
        """client:port of every input of the clients of that name."""
        return {port for port, (name, _) in _alsa_ports(_ALSA_CLIENTS.read_text()).items() if name == client}

    def of(self, port: str) -> set[str]:
        """client:port of the ports that are connected to it."""
        return _alsa_ports(_ALSA_CLIENTS.read_text()).get(port, ("", set()))[1]


def _alsa_ports(text):
    """client:port -> (name of the client, the ports it hears), of the listing that the kernel gives."""
    ports, client, name, port = {}, "", "", ""
    for line in text.splitlines():
        if found := re.match(r'Client +(\d+) : "(.*)" \[', line):
            client, name = found.groups()
        elif found := re.match(r"  Port +(\d+) :", line):
            port = f"{client}:{found[1]}"
            ports[port] = (name, set())
        elif found := re.match(r"    Connected From: (.*)", line):
            ports[port][1].update(re.findall(r"\d+:\d+", found[1]))
    return ports


def _libjack():
    """Raises OSError where it is not installed."""
    jack = ctypes.CDLL(_LIBJACK)
    names = ctypes.POINTER(ctypes.c_char_p)
    for function, result, arguments in (
        (jack.jack_client_open, ctypes.c_void_p, [ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p]),
        (jack.jack_get_ports, names, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_ulong]),
        (jack.jack_port_by_name, ctypes.c_void_p, [ctypes.c_void_p, ctypes.c_char_p]),
        (jack.jack_port_get_all_connections, names, [ctypes.c_void_p, ctypes.c_void_p]),
        (jack.jack_free, None, [ctypes.c_void_p]),
    ):
        function.restype, function.argtypes = result, arguments
    with contextlib.suppress(AttributeError):  # errors of a server that is gone are no news for the terminal
        jack.jack_set_error_function(None)
    return jack
