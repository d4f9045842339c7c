"""The small WaveNet that hears its own past, played live: what a third program hears while the pad moves."""

import math
import time

import numpy as np
import pytest

from engine.client import EngineClient
from engine.commands import NoteOff, NoteOn, SetPad
from engine.decoder.protocol import DecoderChoice
from presets.library import Library
from synthapp.sounds.factory.recipes import SMALL_RECIPES
from tests.engine.waiting import wait_until
from tests.jack.conftest import Capture
from tests.jack.test_two_networks import BLOCK_S, FADE_S, KEYS, STROKE_S, longest_silence_s

pytestmark = [pytest.mark.long, pytest.mark.alone]
STROKES = 100


@pytest.fixture(params=SMALL_RECIPES, ids=lambda recipe: recipe.name)
def preset(request):
    return Library().find(request.param.name)


def test_its_presets_play_without_a_gap_and_nothing_is_stuck(jack, preset, tmp_path):
    client = EngineClient(
        preset=str(preset.path), decoder=DecoderChoice("cpu", "float32", 1), polyphony=4, audio="JACK"
    )
    client.start()
    try:
        wait_until(
            lambda: client.telemetry().audio_device and client.telemetry().preset == preset.name, "the instrument"
        )
        capture = Capture(tmp_path / "captured.wav")
        wait_until(lambda: jack.run("jack_lsp", "-c", "Manifold audio").stdout.count("jack_capture"), "the capture")
        before, most = client.telemetry(), 0
        for turn in range(STROKES):
            client.send(NoteOn(KEYS[turn % 4], 110))
            client.send(SetPad(0.5 + 0.5 * math.cos(turn / 9), 0.5 + 0.5 * math.sin(turn / 9)))
            time.sleep(STROKE_S)
            most = max(most, len(client.telemetry().voices))
            client.send(NoteOff(KEYS[(turn - 1) % 4]))  # two are held at once, and some still sound
        client.send(NoteOff(KEYS[turn % 4]))
        after = client.telemetry()
        wait_until(lambda: not client.telemetry().voices, "silence")  # nothing is stuck
        audio = capture.stop()
    finally:
        client.stop()
    missed = after.xruns - before.xruns
    print(f"{most} voices at once, load {after.load:.2f}, {missed} misses")
    assert longest_silence_s(audio) < STROKE_S + FADE_S + 2 * BLOCK_S + missed * BLOCK_S
    assert np.isfinite(audio).all() and 0.01 < np.abs(audio).max() < 1.0
