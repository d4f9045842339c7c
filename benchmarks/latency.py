"""How long from a key to its sound, or from a controller to a change of it, and how many xruns on the way?

    python benchmarks/latency.py [--notes 200] [--period 128] [--preset NAME] [--sines | --controller]

Starts a JACK server with a dummy driver and the engine in its own process. This process is the player: a JACK client
that sends MIDI and records what comes back on the same frame clock, so that the figure is exact to the frame. It holds
the way of JACK's MIDI, RtMidi, render thread, ring and audio callback, and the note's own attack up to -60 dBFS; a real
converter adds its own.

With --controller a note is held, and a control change moves the pad from one side to the other and back. On the left is
a sine, on the right its octave, so that what comes can be told from what goes: it is heard from a hundredth of its
level on, and half is there once it is half as loud. Prints one line of JSON.
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
from presets.movement import Movement, Route  # noqa: E402
from tests.fakes import fake_preset  # noqa: E402

RATE = 48000
HEARD, HEARD_SHARE = 1e-3, 1e-2
STEP_S = 0.31  # between two notes; no multiple of a period
HELD_S = 0.1
NOTE_ON, ALL_SOUND_OFF = (0x90, 84, 127), (0xB0, 120, 0)
HELD_NOTE, CONTROL, HELD_PERIOD = (0x90, 81, 127), 20, 50  # of 960 Hz, with A at 480: whole frames, and whole halves


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
        player = Player(*(controls if arguments.controller else keys)(arguments.notes))
        while not player.done:
            time.sleep(0.02)
            telemetry = client.telemetry()
        player.close()
    finally:
        client.stop()
        server.terminate()
        server.wait()
        folder.cleanup()
    if arguments.controller:
        measured = {"heard": changes_ms(player, HEARD_SHARE), "half": changes_ms(player, 0.5)}
    else:
        measured = {"": delays_ms(player)}
    print(json.dumps(report(arguments, measured, telemetry, telemetry.xruns - before), indent=None))


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--notes", type=int, default=200)
    parser.add_argument("--period", type=int, default=128, help="device frames a callback")
    parser.add_argument("--preset", help="default: the first of the factory's")
    parser.add_argument("--sines", action="store_true", help="sines instead of the network: the engine's own share")
    parser.add_argument("--controller", action="store_true", help="to a change of the sound, with sines")
    arguments = parser.parse_args()
    arguments.sines |= arguments.controller
    return arguments


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
        route = Route(f"cc{CONTROL}", "pad_x", sets=True)
        write_preset(fake_preset(movement=Movement((route,)), parameters={"tuning_hz": 480.0}), path)
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


def keys(count):
    """(when, messages) of notes, as `Player` takes them."""
    starts = ((0.5 + np.arange(count) * STEP_S) * RATE).astype(int)
    offs = [(at + round(HELD_S * RATE), ALL_SOUND_OFF) for at in starts]
    return starts, sorted([(at, NOTE_ON) for at in starts] + offs)


def controls(count):
    """Likewise of control changes under a held note."""
    starts = ((1.0 + np.arange(count) * STEP_S) * RATE).astype(int)
    moves = [(at, (0xB0, CONTROL, 0 if number % 2 else 127)) for number, at in enumerate(starts)]
    return starts, [(round(0.2 * RATE), HELD_NOTE), *moves]


class Player:
    """Plays messages at known frames and records the left output. Its callback copies and compares, no more.

    starts : frames from which something is to be heard; messages : (frame, bytes), in order
    recorded : float32 (frames,)
    """

    def __init__(self, starts, messages):
        import jack

        self._client = jack.Client("latency")
        self._midi = self._client.midi_outports.register("out")
        self._audio = self._client.inports.register("in")
        self._client.set_process_callback(self._process)
        self.recorded = np.zeros(starts[-1] + round((STEP_S + 0.5) * RATE), np.float32)
        self.starts, self._messages = starts, messages
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
        if at + frames > len(self.recorded):
            self.done = True
            return
        self.recorded[at : at + frames] = self._audio.get_array()
        while self._messages and self._messages[0][0] < at + frames:
            frame, message = self._messages.pop(0)
            self._midi.write_midi_event(max(frame - at, 0), message)

    def close(self):
        self._client.deactivate()
        self._client.close()


def delays_ms(player):
    """From each key to the first frame that is heard; NaN for a note that was lost."""
    return first_ms(np.abs(player.recorded) > HEARD, player.starts)


def changes_ms(player, share):
    """From each control change until what it brings has that share of its level; NaN where it did not come."""
    half = HELD_PERIOD // 2
    before = np.concatenate([np.zeros(half, np.float32), player.recorded[:-half]])
    octave, fundamental = np.abs(player.recorded + before), np.abs(player.recorded - before)  # each without the other
    found = [first_ms(what > share * what.max(), player.starts) for what in (octave, fundamental)]
    return np.where(np.arange(len(player.starts)) % 2, found[1], found[0])


def first_ms(there, starts):
    """From each start to the first frame where it is there, before the next start."""
    step = round(STEP_S * RATE)
    found = [np.flatnonzero(there[start : start + step]) for start in starts]
    return np.array([frames[0] * 1000 / RATE if len(frames) else np.nan for frames in found])


def report(arguments, measured, telemetry, xruns):
    """measured : what -> ms of each; "" is a key's sound"""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return {
        "decoder": "sines" if arguments.sines else "network",
        "period": arguments.period,
        "controls" if arguments.controller else "notes": arguments.notes,
        **{name: value for what, ms in measured.items() for name, value in figures(what and f"{what}_", ms).items()},
        "told_ms": round(telemetry.latency_ms, 2),
        "xruns": xruns,
        "load": round(telemetry.load, 3),
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
        "system_load": round(os.getloadavg()[0], 2),
        "commit": commit.stdout.strip(),
    }


def figures(what, ms):
    """The spread of some delays; what : before each name"""
    heard = ms[~np.isnan(ms)]
    p50, p95, p99 = np.percentile(heard, (50, 95, 99)) if len(heard) else [np.nan] * 3
    named = {"p50_ms": p50, "p95_ms": p95, "p99_ms": p99, "max_ms": heard.max() if len(heard) else np.nan}
    return {f"{what}lost": int(np.isnan(ms).sum())} | {
        f"{what}{name}": round(float(to), 2) for name, to in named.items()
    }


if __name__ == "__main__":
    main()
