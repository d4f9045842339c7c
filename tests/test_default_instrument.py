"""The instrument as it ships: its weights and factory presets, through the synth, as live."""

from functools import cache

import numpy as np
import pytest
from scipy import signal

from engine.commands import NoteOff, NoteOn, PitchBend, SetPad
from engine.decoder.opening import open_decoder
from engine.synth import Synth
from engine.voice.sound import Sound
from models import checkpoints
from models.evaluation.estimators.partials import noise_floor_db
from models.evaluation.estimators.pitch import estimate_f0, key_hz
from models.pretrained import DEFAULT
from presets.file import read_preset
from presets.library import FACTORY, FIRST
from presets.pad import POINTS
from tests.engine.playing import cents, level_db

RATE = 32000  # the model's own: no resampling between the decoder and what is measured
PRESETS = sorted(FACTORY.glob("*.manifold"))
SUSTAINED = ("Woodwind Square", "Brass Rise", "Double Reeds")  # their lower corners neither decay nor beat


@cache
def weights():
    return checkpoints.read(DEFAULT)


@cache
def synth():
    return Synth(open_decoder(weights(), voices=3), RATE, 1)


def play(preset, pad, seconds, *events):
    """float32 (samples,): left channel of a fresh synth. events : (seconds from the start, event)."""
    instrument = synth()
    instrument.reset()
    instrument.load(Sound.from_preset(preset, weights().config))
    instrument.handle(SetPad(*pad))
    instrument.render(np.zeros((RATE // 4, 2), np.float32))  # the pad arrives
    start = instrument.samples
    for time, event in events:
        instrument.handle(event, start + round(time * RATE))
    audio = np.zeros((round(seconds * RATE) + instrument.latency, 2), np.float32)
    instrument.render(audio)
    return audio[instrument.latency :, 0]


def test_thirty_two_instruments_and_four_different_ones_in_every_preset():
    corners = {path.stem: [corner.name for corner in read_preset(path).corners] for path in PRESETS}
    assert all(len(set(names)) == 4 for names in corners.values())
    assert len({name for names in corners.values() for name in names}) >= 32
    assert FIRST in corners


@pytest.mark.parametrize("path", PRESETS, ids=lambda path: path.stem)
def test_every_preset_was_made_for_the_default_weights(path):
    assert read_preset(path).model == weights().fingerprint


@pytest.mark.parametrize("path", PRESETS, ids=lambda path: path.stem)
def test_every_corner_is_in_tune_and_neither_silent_nor_too_loud(path):
    """In tune over two seconds, in which the voices of an ensemble come back from where they have strayed."""
    for key, pad in zip((45, 57, 64, 76), POINTS, strict=True):
        audio = play(read_preset(path), pad, 2.2, (0.0, NoteOn(key, 100)), (2.0, NoteOff(key)))
        nominal = 440 * 2 ** ((key - 69) / 12)
        assert np.isfinite(audio).all()
        assert -40 < level_db(audio[: int(0.8 * RATE)]) < -6, f"key {key}"
        assert abs(cents(estimate_f0(audio[: 2 * RATE], RATE, nominal), nominal)) < 5, f"key {key}"


@pytest.mark.parametrize(("name", "pad", "bound"), [("grand piano", (0.0, 0.0), 0.1), ("cello", (1.0, 0.0), 0.5)])
def test_a_bend_is_exact(name, pad, bound):
    """In cents. The cello's harmonics stray, by a cent in the mean of two seconds: it is heard for eight."""
    bends = [[], [(0, PitchBend(4096))]]
    preset = read_preset(FACTORY / f"{FIRST}.manifold")
    assert preset.corners[POINTS.index(pad)].name == name
    straight, bent = (play(preset, pad, 8.0, *bend, (0, NoteOn(57, 100)))[RATE // 4 :] for bend in bends)
    interval = estimate_f0(bent, RATE, 220 * 2 ** (1 / 12)) / estimate_f0(straight, RATE, 220)
    assert abs(cents(interval, 2 ** (1 / 12))) < bound


def band_levels_db(audio):
    """Levels of 24 bands, 100 Hz to 8 kHz, of a stretch of sound: its colour."""
    power = np.abs(np.fft.rfft(audio * np.hanning(len(audio)), 16384)) ** 2
    edges = np.geomspace(100, 8000, 25) * 16384 / RATE
    bands = np.array([power[int(low) : int(high) + 1].sum() for low, high in zip(edges, edges[1:], strict=False)])
    return 10 * np.log10(bands / bands.sum() + 1e-5)


@pytest.mark.parametrize("name", SUSTAINED)
def test_a_held_note_has_the_other_corners_sound_50_ms_after_the_pad_moves(name):
    preset = read_preset(FACTORY / f"{name}.manifold")
    move = 1.5
    held = (0.0, NoteOn(60, 100))
    audio = play(preset, POINTS[0], 2.5, held, (move, SetPad(*POINTS[1])))
    one, other = (play(preset, corner, 2.5, held) for corner in POINTS[:2])

    def colour(sound, begin):
        return band_levels_db(sound[int(begin * RATE) : int((begin + 0.1) * RATE)])

    def distance(a, b):
        return np.abs(a - b).mean()

    apart = distance(colour(one, move + 0.05), colour(other, move + 0.05))
    assert apart > 2.0  # dB: the corners are different sounds
    assert distance(colour(audio, move - 0.15), colour(one, move - 0.15)) < 1e-6
    assert distance(colour(audio, move + 0.05), colour(other, move + 0.05)) < 0.35 * apart


@pytest.mark.parametrize("name", SUSTAINED)
def test_the_pads_move_does_not_click(name):
    """In every 4 ms the top of the spectrum stays within 3 dB of the louder of both sounds."""
    preset = read_preset(FACTORY / f"{name}.manifold")
    held = (0.0, NoteOn(60, 100))
    moved = play(preset, POINTS[0], 2.5, held, (1.5, SetPad(*POINTS[1])))
    steady = [play(preset, corner, 2.5, held) for corner in POINTS[:2]]
    top = signal.butter(6, 5000, "high", fs=RATE, output="sos")

    def loudest(sound):
        high = signal.sosfilt(top, sound)[int(1.4 * RATE) : int(1.8 * RATE)]
        return np.sqrt((high.reshape(-1, RATE // 250) ** 2).mean(1)).max()

    assert loudest(moved) < 10 ** (3 / 20) * max(map(loudest, steady))


@pytest.mark.parametrize(("name", "corner", "key"), [("Electric Low", 0, 28), ("Low Brass", 0, 33)])
def test_low_notes_have_nothing_between_their_harmonics(name, corner, key):
    audio = play(read_preset(FACTORY / f"{name}.manifold"), POINTS[corner], 3.0, (0.0, NoteOn(key, 100)))
    assert noise_floor_db(audio[RATE // 2 :], RATE, key_hz(key)) < -35
