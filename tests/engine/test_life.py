"""A life of random playing on a virtual clock (R1, R7): nothing hangs, nothing is lost, no number goes wrong."""

import gc
import hashlib
import itertools
import resource
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from engine.commands import ControlChange, LetGo, NoteOff, NoteOn, SetPad
from engine.events.midi import Parser
from engine.voice.sound import Sound
from tests.engine.playing import make_synth, play
from tests.fakes import FAKE_CONFIG, fake_preset

TURN_S = 5.0  # of random playing, then everything is let go
QUIET_S = 1.0
TURNS, WARM_TURNS = 2000, 100  # of a long life
GROWTH_MB = 4.0  # of memory after that: 2 KB a turn, in which 300 events come
CONTROLS = (1, 7, 10, 11, 64, 66, 67, 100, 101, 6, 38, 120, 121, 123)


def arrays(thing, seen):
    """Every array of numbers that the synth and its parts keep."""
    if id(thing) in seen:
        return
    seen.add(id(thing))
    if isinstance(thing, np.ndarray):
        names = thing.dtype.names
        yield from (thing[name] for name in names) if names else (thing,)
    elif type(thing).__module__.startswith("engine."):
        for part in getattr(thing, "__dict__", {}).values():
            yield from arrays(part, seen)


def check_numbers(synth):
    """No NaN, no infinity, nothing so small that the processor takes a detour."""
    for found in arrays(synth, set()):
        if found.dtype.kind == "f":
            assert np.isfinite(found).all()
            assert not ((found != 0) & (np.abs(found) < np.finfo(found.dtype).tiny)).any()


def random_events(chance, count):
    for _ in range(count):
        note, channel, value = int(chance.integers(30, 90)), int(chance.integers(3)), int(chance.integers(128))
        kind = chance.random()
        if kind < 0.45:
            yield NoteOn(note, max(value, 1), channel)
        elif kind < 0.85:
            yield NoteOff(note, channel)
        elif kind < 0.97:
            yield ControlChange(int(chance.choice(CONTROLS)), value, channel)
        else:
            yield SetPad(chance.random(), chance.random())


def live(seed):
    """Play; after each turn let go. yields : after each turn, notes begun and digest of all audio so far"""
    chance, synth, digest, notes = np.random.default_rng(seed), make_synth(voices=16), hashlib.sha256(), 0
    sounds = [Sound.from_preset(fake_preset(pad=pad), FAKE_CONFIG) for pad in ((0.0, 0.0), (1.0, 0.0))]
    for sound in itertools.cycle(sounds):
        events = [(TURN_S * chance.random(), event) for event in random_events(chance, 300)]
        notes += sum(isinstance(event, NoteOn) for _, event in events)
        digest.update(play(synth, TURN_S, *events))
        synth.load(sound)
        digest.update(play(synth, QUIET_S, (0.0, LetGo())))
        assert synth.idle and not synth.sounding(), "a note hangs"
        check_numbers(synth)
        play(synth, 0.05, *[(0.0, ControlChange(control, 127)) for control in (7, 11)], (0.0, NoteOn(60, 127)))
        assert [voice.note for voice in synth.sounding()] == [60], "a note is lost"
        play(synth, 8.0, (0.0, ControlChange(7, 0)))  # long enough for gains to die away under a held note
        check_numbers(synth)
        play(synth, QUIET_S, (0.0, LetGo()))
        yield notes, digest.hexdigest()


def resident_mb():
    """Memory of this process that is in use now."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def test_a_short_life():
    assert list(islice(live(1), 3)) == list(islice(live(1), 3))


@pytest.mark.long
def test_a_long_life():
    """Of 8 hours and 20 minutes; memory is flat once every kind of event has come."""
    lived = live(2)
    next(islice(lived, WARM_TURNS - 1, None))
    warm_mb = resident_mb()
    notes, _ = next(islice(lived, TURNS - WARM_TURNS - 1, None))
    end_mb = resident_mb()
    print(f"{notes} notes; {warm_mb:.1f} MB after {WARM_TURNS} turns, {end_mb:.1f} MB after {TURNS}")
    assert notes > 250_000
    assert end_mb - warm_mb < GROWTH_MB


def byte_life(seed, count):
    """Random bytes, most of them of musical messages; in the end pedal up, all notes off. returns : events"""
    chance, synth, parser, heard = np.random.default_rng(seed), make_synth(voices=16), Parser(), 0
    status = np.array([0x80, 0x90, 0xA0, 0xB0, 0xC0, 0xD0, 0xE0, 0xF0, 0xF4, 0xF7, 0xF8, 0xFE])
    for _ in range(count // 1000):
        data = chance.integers(0, 256 if chance.random() < 0.3 else 128, 1000)
        data[chance.random(1000) < 0.25] = chance.choice(status) | chance.integers(0, 4)
        events = parser.feed(data.tolist())
        heard += len(events)
        for event in events:
            synth.handle(event)
        synth.advance()
    for channel in range(16):
        for control in (64, 66, 123):
            synth.handle(ControlChange(control, 0, channel))
    play(synth, 2.0)
    assert synth.idle and not synth.sounding(), "a note hangs"
    check_numbers(synth)
    return heard


@pytest.mark.parametrize("count", [50_000, pytest.param(10_000_000, marks=pytest.mark.long)])
def test_random_bytes_leave_no_note(count):
    assert byte_life(3, count) > count // 20
