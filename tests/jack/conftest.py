"""A JACK server with a dummy driver for every test that asks for one, and programs around it."""

import os
import shutil
import signal
import subprocess
import sys
import zlib

import pytest
import soundfile

from presets.file import write_preset
from tests.engine.waiting import wait_until
from tests.fakes import fake_preset
from tests.paths import ROOT

RATE = 48000
PERIOD = 128


# One name for all servers of a checkout: the registry in shared memory has eight places, a server that ends badly keeps
# its own, and only the next server of the same name takes it over.
SERVER_NAME = f"manifold-{zlib.crc32(str(ROOT).encode()):08x}-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"


class JackServer:
    """jackd under a name of its own; its clients find it by the environment of the test."""

    def __init__(self, period=PERIOD):
        self._period = period
        self.name = SERVER_NAME
        self.environment = {"JACK_DEFAULT_SERVER": self.name, "JACK_NO_START_SERVER": "1"}

    def start(self):
        command = ["jackd", "-n", self.name, "-R", "-P", "70", "-d", "dummy", "-r", str(RATE), "-p", str(self._period)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(self.ports, "jackd")

    def ports(self):
        """Names of all ports; empty while no server answers."""
        return self.run("jack_lsp").stdout.splitlines()

    def run(self, *command):
        """A tool of JACK's that ends by itself."""
        return subprocess.run(command, env=os.environ | self.environment, capture_output=True, text=True, timeout=60)

    def stop(self, number=signal.SIGTERM):
        self._process.send_signal(number)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Capture:
    """A third program that records what goes to the loudspeakers."""

    def __init__(self, path, *options):
        self._path = path
        command = ["jack_capture", "--daemon", "--bitdepth", "FLOAT", *options, str(path)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(lambda: path.exists() or self._process.poll() is not None, "jack_capture")

    def wait_until_it_records(self):
        """It begins a moment after it was connected, and does not say so: its file grows."""
        size = self._path.stat().st_size
        wait_until(lambda: self._path.stat().st_size > size, "the first recorded frames")

    def stop(self):
        """float32 (frames, 2)"""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        self._process.wait(30)
        audio, rate = soundfile.read(self._path, dtype="float32", always_2d=True)
        assert rate == RATE
        return audio


@pytest.fixture
def jack(monkeypatch, request):
    """A test may ask for a period: indirect parameter."""
    for program, package in (("jackd", "jackd2"), ("jack_capture", "jack-capture")):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed: apt install {package}")
    server = JackServer(getattr(request, "param", PERIOD))
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def program(jack, monkeypatch):
    """program(module or code, *arguments) -> Popen with its output on a pipe; killed with the test."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    started = []

    def start(code, *arguments):
        command = [sys.executable, "-c", code, *map(str, arguments)]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture
def preset(tmp_path):
    path = tmp_path / "fake.manifold"
    write_preset(fake_preset(), path)
    return path
