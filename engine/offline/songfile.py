"""A song -> events at their time: tempo map applied, all tracks merged, each port's channels for themselves."""

from collections import Counter
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from common.errors import SynthError
from common.regular import open_regular
from engine.commands import (
    CHANNELS_OF_A_PORT,
    PORTS,
    ControlChange,
    MusicalEvent,
    NoteOff,
    NoteOn,
    ProgramChange,
    SetTempo,
)
from engine.events.controllers import PEDAL_DOWN, SOSTENUTO, SUSTAIN
from engine.events.midi import Parser
from engine.events.programs import ProgramChanges
from engine.offline.midifile import MidiFile, Tempo, Track, parse

LONGEST_S = 3600.0
LARGEST_BYTES = 32 * 2**20
LATE_S = 10.0  # after the last note: what a file leaves empty beyond it is no part of the music
LEAST_S = 0.5  # that a note sounds whose end is missing
_DEFAULT_TEMPO = 500_000  # microseconds a beat, until the file says otherwise
_PERCUSSION = 9  # General MIDI's channel 10, where notes are drums
_DROP_FRAMES, _DROP_FRAME_RATE = 29, 30 / 1.001  # SMPTE code and what it means


@dataclass(frozen=True)
class Song:
    """What a file plays.

    events : (seconds, event) in order of time
    seconds : to the last release
    told : what was skipped or changed, one line; empty where the file is sound
    """

    events: list[tuple[float, MusicalEvent]]
    seconds: float
    told: str


def read_song(path: str | Path) -> Song:
    """Everything that a file plays.

    Notes of General MIDI's percussion channel are left out where there are others: here they would be melody.
    Raises SynthError where the file is missing, has no notes, or is longer than LONGEST_S.
    """
    file = parse(_read(Path(path)))
    events, end = _events(file)
    if not any(isinstance(event, NoteOn) for _, event in events):
        found = f"{len(file.tracks)} track{'' if len(file.tracks) == 1 else 's'}" if file.tracks else "no MIDI tracks"
        raise SynthError(f"{path}: has no notes ({found}, {len(events)} events); is it a song? export it again")
    events = _without_drums(events)
    seconds = _last_release(events, end)
    if seconds > LONGEST_S:
        raise SynthError(f"{path}: lasts {seconds / 60:.0f} minutes; songs up to {LONGEST_S / 60:.0f} can be rendered")
    if end > seconds + LATE_S:
        file.told.append(f"ends {end - seconds:.0f} s after its last note, that silence is left out")
    events = [(time, event) for time, event in events if time <= seconds]
    return Song(events, seconds, f"{path}: {', '.join(file.told)}" if file.told else "")


def programs_asked(song: Song) -> dict[int, tuple[int, int | None]]:
    """Channel with notes, the lowest first -> (bank, program) that it asks for first; None where it asks for none."""
    changes = ProgramChanges()
    asked: dict[int, tuple[int, int | None]] = {}
    for _, event in song.events:
        found = changes.take(event)
        if found is not None and isinstance(event, ProgramChange):
            asked.setdefault(event.channel, found)
    channels = sorted({event.channel for _, event in song.events if isinstance(event, NoteOn)})
    return {channel: asked.get(channel, (0, None)) for channel in channels}


def _last_release(events, end):
    """When the last key or pedal comes up; what nobody lets go of sounds to the file's end, if that is not far."""
    last = max(time for time, event in events if _lets_go(event) or isinstance(event, NoteOn))
    keys: Counter = Counter()
    for _, event in events:
        if isinstance(event, NoteOn | NoteOff):
            key = event.channel, event.note
            keys[key] = keys[key] + 1 if isinstance(event, NoteOn) else max(keys[key] - 1, 0)
    return max(last + LEAST_S, min(end, last + LATE_S)) if keys.total() else last


def _read(path):
    try:
        with open_regular(path) as file:
            data = file.read(LARGEST_BYTES + 1)
    except FileNotFoundError:
        raise SynthError(f"{path}: no such file; give a standard MIDI file") from None
    except OSError as error:
        raise SynthError(f"{path}: cannot be read ({error.strerror}); give a standard MIDI file") from None
    if len(data) > LARGEST_BYTES:
        raise SynthError(f"{path}: larger than {LARGEST_BYTES >> 20} MiB; give a standard MIDI file")
    return data


def _events(file: MidiFile) -> tuple[list[tuple[float, MusicalEvent]], float]:
    """(seconds, event) in order of time, and the seconds to the end of the file.

    Patterns of format 2 follow each other, each with its own tempo.
    """
    ports: dict[int, int] = {}
    if file.format != 2 or len(file.tracks) < 2:
        return _timed(file, file.tracks, 0.0, ports)
    file.told.append(f"has {len(file.tracks)} patterns, they are played one after the other")
    events, end = [], 0.0
    for track in file.tracks:
        pattern, over = _timed(file, [track], end, ports)
        events += pattern
        end = min(over, max((time for time, _ in pattern), default=end) + LATE_S)
    return events, end


def _timed(file, tracks: list[Track], start, ports):
    """The tracks merged, from `start` on; at one tick in the order of the tracks."""
    now, tick, seconds_per_tick = start, 0, _seconds_per_tick(file.division, _DEFAULT_TEMPO)
    parsers: dict[int, Parser] = {}
    events: list[tuple[float, MusicalEvent]] = []
    for item in sorted(chain.from_iterable(track.events for track in tracks), key=lambda item: item.tick):
        now, tick = now + (item.tick - tick) * seconds_per_tick, item.tick
        if isinstance(item, Tempo):
            seconds_per_tick = _seconds_per_tick(file.division, item.microseconds)
            events.append((now, SetTempo(60e6 / item.microseconds)))
            continue
        port = ports.setdefault(item.port, min(len(ports), PORTS - 1))
        parser = parsers.setdefault(port, Parser(port))
        events += [(now, event) for event in parser.feed(item.data)]
    end = max((track.end for track in tracks), default=0)
    return events, now + max(end - tick, 0) * seconds_per_tick


def _seconds_per_tick(division, tempo):
    """Of a beat's part; or, in files timed by SMPTE frames, of a frame's part, whatever the tempo."""
    if division > 0:
        return tempo * 1e-6 / division
    code, ticks_per_frame = -(division >> 8), division & 0xFF
    frame_rate = _DROP_FRAME_RATE if code == _DROP_FRAMES else code
    return 1.0 / (frame_rate * max(ticks_per_frame, 1))


def _lets_go(event):
    """A key or a pedal comes up."""
    if isinstance(event, ControlChange):
        return event.control in (SUSTAIN, SOSTENUTO) and event.value < PEDAL_DOWN
    return isinstance(event, NoteOff)


def _without_drums(events):
    notes = {event.channel % CHANNELS_OF_A_PORT for _, event in events if isinstance(event, NoteOn)}
    if notes <= {_PERCUSSION}:
        return events
    return [
        (time, event) for time, event in events
        if getattr(event, "channel", 0) % CHANNELS_OF_A_PORT != _PERCUSSION
    ]  # fmt: skip
