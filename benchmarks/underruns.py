"""How often does a callback find too little, in a long play with as many voices as the machine is calibrated for?

    python benchmarks/underruns.py [--minutes 20] [--period 128] [--preset-seconds 10]

Starts a JACK server with a dummy driver, the engine in its own process, and the window, which repaints off the screen.
All voices sound: every 60 ms the oldest key is let go and another one pressed, and the pad goes round. Every ten
seconds the window opens the next preset of the factory's. Prints one line of JSON.
"""

import argparse
import itertools
import json
import math
import os
import subprocess
import sys
import tempfile
import uuid
from collections import deque
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from PySide6.QtCore import QTimer  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402

from benchmarks.latency import start_server, until  # noqa: E402
from engine.client import EngineClient  # noqa: E402
from engine.commands import NoteOff, NoteOn, SetPad  # noqa: E402
from presets.library import Library  # noqa: E402
from synthapp.autosave import Autosave  # noqa: E402
from synthapp.views import theme  # noqa: E402
from synthapp.window import Window  # noqa: E402

STROKE_MS = 60
KEYS = range(48, 84)
REST_MS = 8000  # in the end, in which all that was let go dies away


class Hands:
    """Keep so many keys down, and go round the pad."""

    def __init__(self, client, voices):
        self._client, self._voices = client, voices
        self._held: deque[int] = deque()
        self.strokes = 0

    def strike(self):
        if len(self._held) == self._voices:
            self._client.send(NoteOff(self._held.popleft()))
        key = KEYS[7 * self.strokes % len(KEYS)]
        self._client.send(NoteOn(key, 100))
        self._client.send(SetPad(0.5 + 0.5 * math.cos(self.strokes / 9), 0.5 + 0.5 * math.sin(self.strokes / 9)))
        self._held.append(key)
        self.strokes += 1

    def rest(self):
        while self._held:
            self._client.send(NoteOff(self._held.popleft()))


class Misses:
    """What the telemetry tells on the way. by_minute : callbacks that found too little"""

    def __init__(self, first):
        self._first, self.last, self.by_minute, self._until_now = first, first, [], 0

    def see(self, telemetry, _):
        self.last = telemetry

    def end_minute(self):
        total = self.last.xruns - self._first.xruns
        self.by_minute.append(total - self._until_now)
        self._until_now = total


def main():
    """Play, print."""
    arguments = parse()
    os.environ |= {"JACK_DEFAULT_SERVER": f"underruns-{uuid.uuid4().hex[:8]}", "JACK_NO_START_SERVER": "1"}
    server, client = start_server(arguments.period), EngineClient(preset=Library().first().name, audio="JACK")
    client.start()
    try:
        until(client, lambda telemetry: telemetry.audio_device and telemetry.preset)
        with tempfile.TemporaryDirectory() as folder:
            print(json.dumps(play(client, Path(folder), arguments)))
    finally:
        client.stop()
        server.terminate()
        server.wait()


def parse():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--period", type=int, default=128, help="device frames a callback")
    parser.add_argument("--preset-seconds", type=float, default=10.0, help="from one preset to the next")
    return parser.parse_args()


def play(client, folder, arguments):
    """What there is to report, when all is over."""
    application = QApplication([])
    theme.apply(application)
    window = Window(client, Library(folder / "presets"), Autosave(folder / "state"))
    entries = itertools.cycle(window.control.library.entries())
    voices = client.telemetry().polyphony
    hands, misses = Hands(client, voices), Misses(client.telemetry())
    window.poller.updated.connect(misses.see)
    turns = [
        (STROKE_MS, hands.strike),
        (1000 * arguments.preset_seconds, lambda: window.load(next(entries))),
        (60_000, misses.end_minute),
    ]
    timers = [every(milliseconds, turn) for milliseconds, turn in turns]

    def rest():
        for timer in timers:
            timer.stop()
        misses.end_minute()
        hands.rest()
        QTimer.singleShot(REST_MS, application.quit)

    window.show()
    window.start()
    QTimer.singleShot(round(60_000 * arguments.minutes), rest)
    application.exec()
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    return {
        "commit": commit,
        "minutes": arguments.minutes,
        "period": arguments.period,
        "voices": voices,
        "voices_in_the_end": misses.last.polyphony,
        "notes": hands.strokes,
        "misses": sum(misses.by_minute),
        "misses_by_minute": misses.by_minute,
        "stuck": [voice.note for voice in misses.last.voices],
        "engines": 1 + client.restarts,
        "machine_load": [round(load, 1) for load in os.getloadavg()],
    }


def every(milliseconds, turn):
    """A timer that runs."""
    timer = QTimer(interval=round(milliseconds))
    timer.timeout.connect(turn)
    timer.start()
    return timer


if __name__ == "__main__":
    main()
