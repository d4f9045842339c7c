"""Standard MIDI files -> events at their time: tempo map applied, all tracks merged."""

from pathlib import Path

import mido

from common.errors import SynthError
from engine.commands import MusicalEvent, NoteOn
from engine.events.midi import Parser

LONGEST_S = 3600.0
_DEFAULT_TEMPO = 500_000  # microseconds a beat, until the file says otherwise
_PERCUSSION = 9  # General MIDI's channel 10, where notes are drums
_DROP_FRAMES, _DROP_FRAME_RATE = 29, 30 / 1.001  # SMPTE code and what it means


def read_song(path: str | Path) -> tuple[list[tuple[float, MusicalEvent]], float]:
    """Everything that a file plays, and its length.

    returns : (seconds, event) in order of time, and the seconds to the end of the last track
    Notes of General MIDI's percussion channel are left out where there are others: here they would be melody.
    Raises SynthError where the file is missing, broken or longer than LONGEST_S.
    """
    file = _open(path)
    now, seconds_per_tick = 0.0, _seconds_per_tick(file, _DEFAULT_TEMPO)
    parser, events = Parser(), []
    for message in mido.merge_tracks(file.tracks):
        now += message.time * seconds_per_tick
        if message.type == "set_tempo":
            seconds_per_tick = _seconds_per_tick(file, message.tempo)
        elif not message.is_meta:
            events += [(now, event) for event in parser.feed(message.bytes())]
    if now > LONGEST_S:
        raise SynthError(f"{path}: lasts {now / 60:.0f} minutes; songs up to {LONGEST_S / 60:.0f} can be rendered")
    if not any(isinstance(event, NoteOn) for _, event in events):
        raise SynthError(f"{path}: has no notes; it may be cut short, export it again")
    return _without_drums(events), now


def _open(path):
    try:
        file = mido.MidiFile(path)
    except FileNotFoundError:
        raise SynthError(f"{path}: no such file; give a standard MIDI file") from None
    except Exception as error:  # mido passes on whatever its reading stumbles over: EOFError, IndexError, KeyError ...
        raise SynthError(
            f"{path}: not a readable MIDI file ({error or type(error).__name__}); export it again"
        ) from None
    if file.ticks_per_beat == 0:
        raise SynthError(f"{path}: not a readable MIDI file (a beat of 0 ticks); export it again")
    return file


def _seconds_per_tick(file, tempo):
    """Of a beat's part; or, in files timed by SMPTE frames, of a frame's part, whatever the tempo."""
    if file.ticks_per_beat > 0:
        return tempo * 1e-6 / file.ticks_per_beat
    code, ticks_per_frame = -(file.ticks_per_beat >> 8), file.ticks_per_beat & 0xFF
    frame_rate = _DROP_FRAME_RATE if code == _DROP_FRAMES else code
    return 1.0 / (frame_rate * max(ticks_per_frame, 1))


def _without_drums(events):
    notes = {event.channel for _, event in events if isinstance(event, NoteOn)}
    if notes <= {_PERCUSSION}:
        return events
    return [(time, event) for time, event in events if getattr(event, "channel", None) != _PERCUSSION]
