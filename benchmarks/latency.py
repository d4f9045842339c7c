"""How long from a key to its sound, and how many xruns on the way?

    python benchmarks/latency.py [--notes 200] [--period 128] [--preset NAME] [--sines]

Starts a JACK server with a dummy driver and the engine in its own process. This process is the player: a JACK client
that sends MIDI and records what comes back on the same frame clock, so that the figure is exact to the frame. It holds
the way of JACK's MIDI, RtMidi, render thread, ring and audio callback, and the note's own attack up to -60 dBFS; a real
converter adds its own. Prints one line of JSON.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from engine.client import EngineClient  # noqa: E402
from models.pretrained import DEFAULT  # noqa: E402
from presets.file import write_preset  # noqa: E402
from presets.library import Library  # noqa: E402
from tests.fakes import fake_preset  # noqa: E402

RATE = 48000
HEARD = 1e-3
STEP_S = 0.31  # between two notes; no multiple of a period
HELD_S = 0.1
NOTE_ON, ALL_SOUND_OFF = (0x90, 84, 127), (0xB0, 120, 0)


def main():
    arguments = parse()
    os.environ |= {"JACK_DEFAULT_SERVER": f"latency-{uuid.uuid4().hex[:8]}", "JACK_NO_START_SERVER": "1"}
    server = start_server(arguments.period)
    folder = tempfile.TemporaryDirectory()
    client = start_engine(arguments, Path(folder.name))
    try:
        until(client, lambda telemetry: telemetry.audio_device and telemetry.preset)
        time.sleep(3.0)  # the block clock settles
        before = client.telemetry().xruns
        player = Player(arguments.notes)
        while not player.done:
            time.sleep(0.02)
            telemetry = client.telemetry()
        player.close()
    finally:
        client.stop()
        server.terminate()
        server.wait()
        folder.cleanup()
    delays_ms = player.delays_ms()
    print(json.dumps(report(arguments, delays_ms, telemetry, telemetry.xruns - before), indent=None))


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--notes", type=int, default=200)
    parser.add_argument("--period", type=int, default=128, help="device frames a callback")
    parser.add_argument("--preset", help="default: the first of the factory's")
    parser.add_argument("--sines", action="store_true", help="sines instead of the network: the engine's own share")
    return parser.parse_args()


def start_server(period):
    name = os.environ["JACK_DEFAULT_SERVER"]
    command = ["jackd", "-n", name, "-R", "-P", "70", "-d", "dummy", "-r", str(RATE), "-p", str(period)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not subprocess.run(["jack_lsp"], capture_output=True).stdout:
        time.sleep(0.1)
    return server


def start_engine(arguments, folder):
    if arguments.sines or not DEFAULT.exists():
        arguments.sines = True
        path = folder / "sines.manifold"
        write_preset(fake_preset(), path)
        client = EngineClient(preset=str(path), audio="JACK", program="tests.engine.sine_engine")
    else:
        client = EngineClient(preset=arguments.preset or Library().entries()[0].name, audio="JACK")
    client.start()
    return client


def until(client, condition):
    while not condition(client.telemetry()):
        if client.failure:
            sys.exit(client.failure)
        time.sleep(0.02)


class Player:
    """Plays notes at known frames and records the left output. Its callback copies and compares, no more."""

    def __init__(self, notes):
        import jack

        self._client = jack.Client("latency")
        self._midi = self._client.midi_outports.register("out")
        self._audio = self._client.inports.register("in")
        self._client.set_process_callback(self._process)
        self._recorded = np.zeros(round((notes * STEP_S + 1.0) * RATE), np.float32)
        starts = ((0.5 + np.arange(notes) * STEP_S) * RATE).astype(int)
        self._starts = starts
        self._messages = sorted(
            [(at, NOTE_ON) for at in starts] + [(at + round(HELD_S * RATE), ALL_SOUND_OFF) for at in starts]
        )
        self._begin = None
        self.done = False
        self._client.activate()
        self._client.connect(self._midi, "Manifold:in")
        self._client.connect("Manifold audio:out_0", self._audio)

    def _process(self, frames):
        self._midi.clear_buffer()
        now = self._client.last_frame_time
        if self._begin is None:
            self._begin = now
        at = now - self._begin
        if at + frames > len(self._recorded):
            self.done = True
            return
        self._recorded[at : at + frames] = self._audio.get_array()
        while self._messages and self._messages[0][0] < at + frames:
            frame, message = self._messages.pop(0)
            self._midi.write_midi_event(max(frame - at, 0), message)

    def close(self):
        self._client.deactivate()
        self._client.close()

    def delays_ms(self):
        """From each note-on to the first frame that is heard; NaN for a note that was lost."""
        loud = np.abs(self._recorded) > HEARD
        step = round(STEP_S * RATE)
        found = [np.flatnonzero(loud[start : start + step]) for start in self._starts]
        return np.array([frames[0] * 1000 / RATE if len(frames) else np.nan for frames in found])


def report(arguments, delays_ms, telemetry, xruns):
    heard = delays_ms[~np.isnan(delays_ms)]
    p50, p99 = np.percentile(heard, (50, 99)) if len(heard) else (np.nan, np.nan)
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return {
        "decoder": "sines" if arguments.sines else "network",
        "period": arguments.period,
        "notes": len(delays_ms),
        "lost": int(np.isnan(delays_ms).sum()),
        "p50_ms": round(float(p50), 2),
        "p99_ms": round(float(p99), 2),
        "max_ms": round(float(heard.max()), 2) if len(heard) else None,
        "told_ms": round(telemetry.latency_ms, 2),
        "xruns": xruns,
        "load": round(telemetry.load, 3),
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
        "system_load": round(os.getloadavg()[0], 2),
        "commit": commit.stdout.strip(),
    }


if __name__ == "__main__":
    main()
