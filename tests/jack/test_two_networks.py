"""Presets of two networks chosen in turn while notes are played and the pad moves: what a third program hears.

The default instrument, and the original's small checkpoint, imported and given presets by commands.
"""

import itertools
import math
import time
from collections import deque

import numpy as np
import pytest

from engine.client import EngineClient
from engine.commands import LoadPreset, NoteOff, NoteOn, SetPad
from engine.decoder.protocol import DecoderChoice
from presets.library import FACTORY, FIRST, Library
from tests.engine.waiting import wait_until
from tests.jack.conftest import RATE, Capture
from tests.paths import MAGENTA
from tests.synthapp.sounds.magenta_world import write_notes

pytestmark = [pytest.mark.long, pytest.mark.alone]

CHANGES = 10
STROKE_S, HELD_S = 0.06, 0.1  # from a note to the next; they overlap
KEYS = (60, 64, 67, 72)
SILENT = 1e-4
FADE_S = 0.03  # of what is left behind; the next stroke comes within STROKE_S, and begins within two blocks
BLOCK_S = 0.004


class Hands:
    """Play without a pause, and go round the pad. A client belongs to one thread, so whoever waits moves them."""

    def __init__(self, client):
        self._client = client
        self._turns = itertools.count()
        self._held: deque[tuple[float, int]] = deque()  # (when it is let go, key)
        self._next_s = time.monotonic()

    def move(self):
        """What is due by now."""
        now = time.monotonic()
        while self._held and self._held[0][0] <= now:
            self._client.send(NoteOff(self._held.popleft()[1]))
        if self._next_s <= now:
            turn = next(self._turns)
            key = KEYS[turn % len(KEYS)]
            self._client.send(NoteOn(key, 110))
            self._client.send(SetPad(0.5 + 0.5 * math.cos(turn / 9), 0.5 + 0.5 * math.sin(turn / 9)))
            self._held.append((now + HELD_S, key))
            self._next_s += STROKE_S

    def play(self, seconds):
        """For so long."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.move()
            time.sleep(0.002)

    def play_until(self, condition):
        """Until it is true; looked at as often as a window does."""
        end = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < end, "it did not come within a minute"
            self.play(0.03)

    def rest(self):
        """Let go of all."""
        self._next_s = math.inf
        self.play(2 * HELD_S)


@pytest.fixture
def paths(manifold, tmp_path, monkeypatch):
    """{name: path} of the two presets; the second's weights and itself were made by two commands."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert manifold("import", MAGENTA).status == 0
    notes = write_notes(tmp_path / "notes.tfrecord")
    assert manifold("factory", "--weights", "magenta-small", "--notes", notes).status == 0
    (own,) = (entry for entry in Library().entries() if not entry.factory)
    return {FIRST: str(FACTORY / f"{FIRST}.manifold"), own.name: str(own.path)}


def test_ten_changes_while_playing_leave_no_gap_but_the_fade(jack, paths, tmp_path):
    choice = DecoderChoice("cpu", "float32", 1)
    client = EngineClient(preset=paths[FIRST], decoder=choice, polyphony=4, audio="JACK")
    client.start()
    try:
        wait_until(lambda: client.telemetry().audio_device and client.telemetry().preset == FIRST, "the instrument")
        capture = Capture(tmp_path / "captured.wav")
        wait_until(lambda: jack.run("jack_lsp", "-c", "Manifold audio").stdout.count("jack_capture"), "the capture")
        hands, pid, before = Hands(client), client.pid, client.telemetry().xruns
        for name in itertools.islice(itertools.cycle(reversed(paths)), CHANGES):
            hands.play(1.0)
            client.send(LoadPreset(paths[name]))
            hands.play_until(lambda name=name: client.telemetry().preset == name)
        hands.play(1.0)
        hands.rest()
        missed = client.telemetry().xruns - before
        wait_until(lambda: not client.telemetry().voices, "silence")  # nothing is stuck
        audio = capture.stop()
        assert (client.pid, client.restarts) == (pid, 0)
    finally:
        client.stop()
    longest_s = longest_silence_s(audio)
    print(f"longest silence {1000 * longest_s:.0f} ms, {missed} misses")
    assert longest_s < STROKE_S + FADE_S + 2 * BLOCK_S + missed * BLOCK_S
    assert np.isfinite(audio).all() and np.abs(audio).max() < 1.0


def longest_silence_s(audio):
    """Between the first sound and the last. audio : (frames, 2)"""
    hop = RATE // 1000
    loud = np.abs(audio[: len(audio) // hop * hop]).max(1).reshape(-1, hop).max(1) > SILENT
    return (np.diff(np.flatnonzero(loud)) - 1).max() / 1000
