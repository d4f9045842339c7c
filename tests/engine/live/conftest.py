"""The engine process's main thread, run in a thread of the test, with sines for a decoder and no devices."""

import threading
from multiprocessing import Pipe

import pytest

from engine.commands import Poll
from engine.effects.table import no_plugins
from engine.live.chores import Opened
from engine.live.server import Server
from engine.live.shedding import Shedder
from engine.protocol import Exit, Options, decode_telemetry, encode
from tests.engine.waiting import wait_until
from tests.fakes import FakeDecoder


class Served:
    """A server in a thread, and its client's end of the pipe."""

    def __init__(self, make_decoder, open_plugin):
        self._connection, theirs = Pipe()
        self.code: Exit | None = None
        server = Server(theirs, Options(), make_decoder, open_plugin)
        self._thread = threading.Thread(target=self._serve, args=(server,), daemon=True)
        self._thread.start()

    def _serve(self, server):
        self.code = server.serve()

    def send(self, *commands):
        for command in commands:
            self._connection.send_bytes(encode(command))

    def poll(self):
        self.send(Poll())
        return self.last()

    def last(self):
        assert self._connection.poll(30), "no answer"
        return decode_telemetry(self._connection.recv_bytes())

    def until(self, condition, what):
        """The first telemetry that meets the condition."""
        found = []

        def met():
            found.append(self.poll())
            return condition(found[-1])

        wait_until(met, what)
        return found[-1]

    def end(self):
        self._thread.join(30)
        return self.code

    def hang_up(self):
        self._connection.close()


@pytest.fixture
def serve(monkeypatch):
    """serve(make_decoder, open_plugin) -> Served, ended with the test; all voices play, busy as the machine is."""
    monkeypatch.setattr(Shedder, "observe", lambda *block: False)
    served = []

    def start(make_decoder=lambda source, options, tell: Opened(FakeDecoder()), open_plugin=no_plugins):
        served.append(Served(make_decoder, open_plugin))
        return served[-1]

    yield start
    for each in served:
        each.hang_up()
        each.end()
