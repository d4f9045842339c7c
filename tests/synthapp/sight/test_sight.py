"""The tab shows what sounds: the ring's frames as a spectrum, and the embedding through which a note runs."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from common.pitch import hz_key
from engine.commands import NoteOn
from engine.live.ring import Ring
from engine.synth import Synth
from engine.telemetry import Sounding, Standing, Telemetry
from engine.voice.sound import Sound
from presets.pad import POINTS
from presets.preset import EmbeddingSet
from synthapp.sight import control
from synthapp.sight.curves import curves_at
from synthapp.sight.spectrum import BIN_HZ
from tests.engine.device import drain
from tests.fakes import FAKE_CONFIG, FakeDecoder, fake_preset
from tests.synthapp.sight.test_spectrum import sines

RATE = 48000


@pytest.fixture
def seen(window, monkeypatch, qtbot):
    """The window with its spectrum open, on a machine that is fast enough."""
    monkeypatch.setattr(control, "processors", lambda: 8)
    monkeypatch.setattr(control, "SHARE", 1e6)
    window.strip.tabs[-1].click()
    window.seeing._view.set_on(True)
    return window


def look(window, client, monkeypatch, **telemetry):
    """One turn of the poller, the budget's pause over."""
    window.seeing._due_s = window.seeing._curves_due_s = 0.0
    client.state = Telemetry(polyphony=8, **telemetry)
    window.poller.poll()


def test_what_the_device_plays_is_read_to_a_screen_reader_and_under_the_mouse(seen, client, monkeypatch, qtbot):
    ring, rainbow = Ring(65536), seen.sight.rainbow
    look(seen, client, monkeypatch, tap=(ring.path, RATE))
    assert rainbow.accessibleDescription() == "silence"
    ring.push(sines(RATE, {440.0: 0.25, 1318.5: 0.1}, 0.5))
    drain(ring, RATE // 2)
    rainbow._told_s = 0.0
    look(seen, client, monkeypatch, tap=(ring.path, RATE))
    assert rainbow.accessibleDescription() == "-12 dB; A4, E6"
    lowest, highest = hz_key(BIN_HZ[0]), hz_key(BIN_HZ[-1])
    y = rainbow.height() * (1 - (69 - lowest) / (highest - lowest))
    QTest.mouseMove(rainbow, QPointF(rainbow.width() - 2, y).toPoint())
    assert "A4" in rainbow.readout and "−12 dB" in rainbow.readout
    pixels = seen.grab(seen.strip.geometry()).toImage()
    assert not pixels.isNull()


def test_the_arrow_keys_ask_by_semitone(seen):
    seen.activateWindow()
    rainbow = seen.sight.rainbow
    rainbow.setFocus()
    QTest.keyClick(rainbow, Qt.Key.Key_Up)
    QTest.keyClick(rainbow, Qt.Key.Key_Right)
    assert rainbow.accessibleDescription().startswith("932.3 Hz, B♭5 · ")


def test_nothing_is_read_while_it_is_off_or_folded_away(seen, client, monkeypatch):
    ring = Ring(65536)
    look(seen, client, monkeypatch, tap=(ring.path, RATE))
    assert seen.seeing._tap is not None
    seen.strip.set_open(False)
    look(seen, client, monkeypatch, tap=(ring.path, RATE))
    assert seen.seeing._tap is None
    seen.strip.set_open(True)
    seen.sight.switch.click()
    look(seen, client, monkeypatch, tap=(ring.path, RATE))
    assert seen.seeing._tap is None and seen.settings.now.sight is False
    monkeypatch.setattr(control, "processors", lambda: 2)
    seen.settings.change(sight=None)
    assert not seen.seeing.on


def test_a_picture_that_took_long_is_followed_by_a_pause(seen, client, monkeypatch):
    ring = Ring(65536)
    monkeypatch.setattr(control, "SHARE", 0.04)
    seen.sight.rainbow.painted_s = 0.1
    look(seen, client, monkeypatch, tap=(ring.path, RATE))
    first = seen.seeing._due_s
    assert first > 2.4
    seen.poller.poll()
    assert seen.seeing._due_s == first


def test_a_ring_that_cannot_be_read_is_told(seen, client, monkeypatch):
    look(seen, client, monkeypatch, tap=("/nowhere", RATE))
    assert seen.sight._why.isVisible() and "cannot be read" in seen.sight._why.text()


def test_the_curves_are_what_the_voice_is_given():
    rng = np.random.default_rng(1)
    shapes = ((2, 1, 20, 4), (1, 2, 30, 4), (1, 1, 16, 4), (3, 1, 25, 4))
    axes = (((48, 72), (100,)), ((60,), (40, 110)), ((60,), (100,)), ((40, 60, 80), (90,)))
    times = (((6, 12), 14), ((4, 20), 25), ((3, 9), 16), ((5, 6), 10))
    corners = tuple(
        EmbeddingSet(f"c{place}", rng.standard_normal(shape).astype(np.float32), *axis, *time)
        for place, (shape, axis, time) in enumerate(zip(shapes, axes, times, strict=True))
    )
    synth = Synth(FakeDecoder(), RATE)
    preset = fake_preset(pad=(0.3, 0.2))
    synth.load(Sound.from_preset(type(preset)("x", corners, pad=(0.3, 0.2)), FAKE_CONFIG))
    synth.handle(NoteOn(57, 90))
    for ticks in range(40):
        synth.advance()
        ((standing,), (voice,)) = synth.standing(), synth.sounding()
        curves = curves_at(corners, POINTS, voice.place, standing).values
        if ticks and standing.frame < 3.0:  # then all corners are at one time
            before = int(standing.frame)
            share = standing.frame - before
            expected = (1 - share) * curves[before] + share * curves[before + 1]
            assert synth._voices._trajectories.latents[0] == pytest.approx(expected, abs=1e-5)
    assert standing.frame > 3 and (standing.corner, standing.pitch, standing.velocity) == (0, 57, 90)


def test_the_embedding_of_the_loudest_note_is_drawn_and_its_place(seen, client, monkeypatch):
    standing = (Standing(0, 2.0, 60.0, 100.0), Standing(1, 3.5, 64.0, 100.0))
    voices = (Sounding(60, 0.2, True), Sounding(64, 0.9, True))
    look(seen, client, monkeypatch, voices=voices, standing=standing)
    curves = seen.sight.curves
    assert curves.accessibleDescription() == "Double bass, E4: 4 channels over 8 frames" and curves._frame == 3.5
    look(seen, client, monkeypatch)
    assert curves._frame is None
