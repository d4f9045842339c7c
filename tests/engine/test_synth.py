"""From an event to audio: pitch, level, time, blocks, presets, polyphony, steady state."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from engine.commands import NoteOff, NoteOn, Panic, PitchBend, ProgramChange, SetPad, SetParameter
from engine.mix.limiter import CEILING
from engine.parameters import TABLE, Param
from engine.synth import Synth
from engine.voice.sound import Sound
from tests.engine.playing import MODEL_RATE, RATE, cents, frequency, level_db, make_synth, note, play
from tests.fakes import FAKE_CONFIG, LOUD_CONFIG, FakeDecoder, fake_preset
from tests.paths import ROOT

MUSIC = (
    *note(0.01, 0.3, 60, 100),
    *note(0.0213, 0.2, 64, 90),
    *note(0.1, 0.35, 67, 127),
    (0.15, SetPad(0.8, 0.4)),
    (0.17, PitchBend(3000)),
    (0.2222, SetParameter(Param.GAIN_DB, -3.0)),
)


@pytest.mark.parametrize("rate", [44100, 48000])
@pytest.mark.parametrize("number", [33, 69, 100])
def test_a_key_has_its_pitch(number, rate):
    synth = make_synth(rate)
    audio = play(synth, 2.0, (0, NoteOn(number, 100)), rate=rate)
    expected = 440 * 2 ** ((number - 69) / 12)
    assert abs(cents(frequency(audio[rate // 2 :], rate), expected)) < 0.5


@pytest.mark.parametrize("model_rate", [22050, 32000])
def test_a_model_of_another_rate_has_the_pitch_and_follows_the_pad(model_rate):
    synth = make_synth(config=replace(FAKE_CONFIG, rate=model_rate))
    audio = play(synth, 1.0, (0, NoteOn(69, 127)))
    assert abs(cents(frequency(audio[RATE // 2 :]), 440)) < 0.5
    assert level_db(audio) == pytest.approx(-12, abs=0.2)
    assert octave_share(play(synth, 0.1, (0, SetPad(1.0, 0.0)))[2400:]) > 0.95  # within 50 ms


def test_one_loud_voice_peaks_at_minus_12_dbfs():
    synth = make_synth()
    audio = play(synth, 1.0, (0, NoteOn(69, 127)))
    assert level_db(audio) == pytest.approx(-12, abs=0.2)
    np.testing.assert_array_equal(audio[:, 0], audio[:, 1])
    assert synth.take_peaks() == pytest.approx(np.abs(audio).max(0))
    assert synth.take_peaks() == (0.0, 0.0)


def test_many_loud_voices_stay_below_full_scale():
    synth = make_synth(polyphony=12)
    events = [(0, NoteOn(number, 127)) for number in range(60, 72)] + [(0, SetParameter(Param.GAIN_DB, 12.0))]
    audio = play(synth, 1.0, *events)
    assert 0.8 * CEILING < np.abs(audio).max() <= CEILING


def test_an_event_takes_effect_at_its_sample():
    """Notes a sample apart give the same audio a sample apart, wherever they fall in a tick."""
    reference = play(make_synth(), 0.1, (0, NoteOn(69, 127)))
    for sample in (1, 37, 64, 100):
        synth = make_synth()
        synth.handle(NoteOn(69, 127), sample)
        audio = play(synth, 0.1)
        frame = sample * RATE // MODEL_RATE
        np.testing.assert_allclose(audio[frame:], reference[: len(reference) - frame], atol=1e-6)
        assert np.abs(audio[: max(frame - 1, 0)]).max(initial=0.0) < 1e-9


def test_latency_is_what_it_says():
    synth = make_synth(parameters={"attack_ms": 0.0})
    audio = play(synth, 0.1, (0.02, NoteOn(100, 127)))
    begin = int(np.argmax(np.abs(audio[:, 0]) > 0.01))
    assert begin - 0.02 * RATE == pytest.approx(synth.latency, abs=0.001 * RATE)


@pytest.mark.parametrize("rate", [44100, 48000])
def test_blocks_do_not_matter(rate):
    expected = play(make_synth(rate), 0.5, *MUSIC, rate=rate)
    for size in (1, 64, 960):
        synth = make_synth(rate)
        play(synth, 0.0, *MUSIC)
        blocks = np.zeros_like(expected)
        for at in range(0, len(blocks), size):
            synth.render(blocks[at : at + size])
        np.testing.assert_array_equal(blocks, expected)


@pytest.mark.long
@pytest.mark.parametrize("rate", [8000, 11025, 16000, 22050, 32000, 44100, 48000, 88200, 96000, 192000])
@pytest.mark.parametrize("size", [1, 7, 16, 100, 128, 441, 1024, 8192, 16384])
def test_blocks_do_not_matter_at_any_rate(rate, size):
    """R12: every rate in every block, equal bit for bit to one block of everything."""
    expected = play(make_synth(rate), 0.5, *MUSIC, rate=rate)
    synth = make_synth(rate)
    play(synth, 0.0, *MUSIC)
    blocks = np.zeros_like(expected)
    for at in range(0, len(blocks), size):
        synth.render(blocks[at : at + size])
    np.testing.assert_array_equal(blocks, expected)


def test_splitting_a_tick_does_not_touch_other_voices():
    note_on = (0, NoteOn(69, 127)), (0.1, SetPad(1.0, 0.5)), (0.1, PitchBend(2000))
    expected = play(make_synth(), 0.5, *note_on)
    splits = [(0.1 + at * 0.00123, NoteOff(1)) for at in range(200)]
    np.testing.assert_array_equal(play(make_synth(), 0.5, *note_on, *splits), expected)


def test_reset_and_replay_is_the_same():
    synth = make_synth(parameters={"temperature": 0.5})
    first = play(synth, 0.5, *MUSIC)
    synth.load(Sound.from_preset(fake_preset(parameters={"temperature": 0.5}), FAKE_CONFIG))
    synth.reset()
    np.testing.assert_array_equal(play(synth, 0.5, *MUSIC), first)


def test_a_seed_is_a_take():
    def take(seed):
        return play(make_synth(seed=seed, parameters={"temperature": 1.0}), 0.2, (0, NoteOn(60, 100)))

    np.testing.assert_array_equal(take(1), take(1))
    assert np.abs(take(1) - take(2)).max() > 0.01


def test_every_note_has_its_own_randomness():
    synth = make_synth(parameters={"temperature": 1.0, "release_ms": 5.0})
    first, second = (play(synth, 0.2, *note(0, 0.1)) for _ in range(2))
    assert np.abs(first - second).max() > 0.01


def test_silence_after_the_last_release():
    synth = make_synth()
    play(synth, 0.5, *note(0, 0.4))
    play(synth, 0.6)
    assert synth.idle
    assert level_db(play(synth, 0.2)) < -120


def test_a_voice_past_its_last_frame_is_over_and_no_other():
    """Its slot is not its place among those that sound."""
    synth = make_synth(parameters={"release_ms": 10000.0})
    play(synth, 0.6, (0, NoteOn(57, 127)), (0, NoteOn(60, 127)), (0, NoteOn(64, 127)), (0.05, NoteOff(57)))
    play(synth, 0.6, (0, NoteOff(64)))  # slot 2, the second of two
    assert [voice.note for voice in synth.sounding()] == [60]
    assert level_db(play(synth, 0.2)) == pytest.approx(-12, abs=0.5)


def test_what_the_window_sees():
    synth = make_synth()
    play(synth, 0.1, (0, NoteOn(60, 127)), (0, NoteOn(64, 64)), (0.05, NoteOff(60)))
    released, held = sorted(synth.sounding(), key=lambda voice: voice.note)
    assert (released.note, released.held) == (60, False)
    assert (held.note, held.held) == (64, True)
    assert held.level == pytest.approx((64 / 127) ** 2)
    assert synth.samples % FAKE_CONFIG.tick == 0
    assert synth.samples == pytest.approx(0.1 * MODEL_RATE, abs=FAKE_CONFIG.tick)


def octave_share(audio):
    """Energy of the octave over that of the fundamental, for a note at 440 Hz."""
    spectrum = np.abs(np.fft.rfft(audio[:, 0] * np.hanning(len(audio)))) ** 2
    hz = np.fft.rfftfreq(len(audio), 1 / RATE)
    octave, fundamental = (spectrum[np.abs(hz - centre) < 150].sum() for centre in (880, 440))
    return octave / (octave + fundamental)


def test_a_held_note_follows_the_pad():
    synth = make_synth()
    before = play(synth, 0.5, (0, NoteOn(69, 127)))
    assert octave_share(before[-2048:]) < 1e-3
    synth.handle(SetPad(1.0, 0.0))
    after = play(synth, 0.5)
    assert octave_share(after[960 : 960 + 960]) > 0.1  # it is heard within 20 ms
    assert octave_share(after[2400 : 2400 + 2048]) > 0.95  # and has arrived within 50
    assert octave_share(after[-2048:]) > 1 - 1e-4
    assert synth.pad == (1.0, 0.0)


def test_a_preset_brings_its_pad_and_parameters():
    synth = make_synth()
    preset = fake_preset(pad=(1.0, 1.0), parameters={"gain_db": -6.0})
    synth.load(Sound.from_preset(preset, FAKE_CONFIG))
    assert synth.pad == (1.0, 1.0)
    audio = play(synth, 0.5, (0, NoteOn(69, 127)))
    assert level_db(audio) == pytest.approx(-12 + 20 * np.log10(0.1 / 0.5) - 6, abs=0.2)


def test_a_note_goes_on_with_a_new_preset():
    synth = make_synth()
    play(synth, 0.5, (0, NoteOn(69, 127)))
    corners = fake_preset().corners
    synth.load(Sound.from_preset(fake_preset(corners=(corners[1],) * 4), FAKE_CONFIG))
    assert octave_share(play(synth, 0.5)[-4096:]) > 0.99


def test_loudness_is_applied_once():
    quiet = fake_preset(config=LOUD_CONFIG)
    latents = quiet.corners[0].latents.copy()
    latents[..., -1] -= 10.0
    corner = replace(quiet.corners[0], latents=latents)
    synth = Synth(FakeDecoder(LOUD_CONFIG))
    synth.load(Sound.from_preset(replace(quiet, corners=(corner,) * 4), LOUD_CONFIG))
    assert level_db(play(synth, 0.5, (0, NoteOn(69, 127)))) == pytest.approx(-22, abs=0.2)


@pytest.mark.parametrize("voices", [4, 6])
def test_polyphony(voices):
    synth = make_synth(polyphony=4, voices=voices)
    play(synth, 0.1, *[(0.01 * index, NoteOn(60 + index, 100)) for index in range(8)])
    assert [voice.note for voice in sorted(synth.sounding(), key=lambda voice: voice.note)] == [64, 65, 66, 67]
    synth.polyphony = 2
    play(synth, 0.1)
    assert len(synth.sounding()) == synth.polyphony == 2
    synth.polyphony = 99
    assert synth.polyphony == voices


def test_parameters_are_clamped():
    synth = make_synth()
    play(synth, 0.1, (0, SetParameter(Param.GAIN_DB, 1e9)), (0, NoteOn(60, 100)))
    loud = play(synth, 0.2)
    synth = make_synth()
    play(synth, 0.1, (0, SetParameter(Param.GAIN_DB, TABLE[Param.GAIN_DB].maximum)), (0, NoteOn(60, 100)))
    np.testing.assert_array_equal(play(synth, 0.2), loud)


def test_transpose_and_tuning():
    synth = make_synth(parameters={"transpose": -12.0, "tuning_hz": 432.0})
    assert frequency(play(synth, 1.0, (0, NoteOn(69, 100)))[RATE // 4 :]) == pytest.approx(216, abs=0.1)


ODD = [
    NoteOn(-5, 1000, 99),
    NoteOn(60, 0),
    NoteOff(400, -1),
    PitchBend(1_000_000),
    SetPad(float("nan"), 0.5),
    SetPad(float("inf"), -3.0),
    SetPad(-7.0, 9.0),
    SetParameter(Param.SUSTAIN, float("nan")),
    SetParameter(99, 1.0),  # type: ignore[arg-type]
    ProgramChange(3),
    Panic(),
    None,
]


@pytest.mark.parametrize("event", ODD, ids=str)
def test_any_event_is_accepted(event):
    synth = make_synth()
    audio = play(synth, 0.1, (0, NoteOn(60, 100)), (0.02, event), (0.05, NoteOn(62, 100)))
    assert np.isfinite(audio).all()
    assert 62 in [voice.note for voice in synth.sounding()]
    assert all(0.0 <= place <= 1.0 for place in synth.pad)


def test_events_that_are_late_are_not_lost():
    synth = make_synth()
    play(synth, 0.1)
    synth.handle(NoteOn(60, 100), 3)
    play(synth, 0.02)
    assert [voice.note for voice in synth.sounding()] == [60]


STEADY = """
import tracemalloc
from engine.commands import NoteOn
from tests.engine.playing import {maker}, play
synth = {maker}()
play(synth, 0.1, *[(0, NoteOn(60 + index, 100)) for index in range(8)])
tracemalloc.start()
for _ in range(50):
    synth.advance()
before, _ = tracemalloc.get_traced_memory()
tracemalloc.reset_peak()
for _ in range(500):
    synth.advance()
after, peak = tracemalloc.get_traced_memory()
print(after - before, peak - before)
"""


@pytest.mark.slow
@pytest.mark.parametrize("maker", ["make_synth", "make_repitched"])
def test_steady_state_keeps_nothing(maker):
    """In a process of its own: here, threads of other tests may allocate meanwhile."""
    run = subprocess.run(
        [sys.executable, "-c", STEADY.format(maker=maker)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    kept, highest = map(int, run.stdout.split())
    assert kept < 1024
    assert highest < 16384  # views and numbers; no array of samples is made
