"""What was played -> a standard MIDI file, for other programs."""

from pathlib import Path

import mido

from common.atomic import replacing
from engine.commands import (
    CHANNELS_OF_A_PORT,
    ChannelPressure,
    ControlChange,
    MusicalEvent,
    NoteOff,
    NoteOn,
    PitchBend,
    PolyPressure,
    ProgramChange,
)
from engine.offline.replay import events_of
from engine.performance import Take

_TICKS, _TEMPO = 960, 500_000  # a beat; microseconds a beat
_MOST_BEND = 8191


def write_song(take: Take, model_rate: int, path: Path) -> None:
    """Notes, controllers, pressure and bends of a take; a track for each port. Raises SynthError."""
    tracks: dict[int, list[tuple[int, mido.Message]]] = {}
    for seconds, event in events_of(take, model_rate):
        message = _message(event)
        if message is not None:
            tick = round(max(seconds, 0.0) * 1e6 / _TEMPO * _TICKS)
            port = getattr(event, "channel", 0) // CHANNELS_OF_A_PORT
            tracks.setdefault(port, []).append((tick, message))
    file = mido.MidiFile(
        ticks_per_beat=_TICKS, tracks=[_track(port, events) for port, events in sorted(tracks.items())]
    )
    with replacing(path) as temporary:
        file.save(temporary)


def _track(port, events):
    track, before = mido.MidiTrack([mido.MetaMessage("midi_port", port=port)]), 0
    for tick, message in sorted(events, key=lambda event: event[0]):
        track.append(message.copy(time=tick - before))
        before = tick
    return track


def _message(event: MusicalEvent):
    """The message of an event; None for what MIDI files do not hold."""
    channel = getattr(event, "channel", 0) % CHANNELS_OF_A_PORT
    match event:
        case NoteOn(note, velocity):
            return mido.Message("note_on", note=note, velocity=velocity, channel=channel)
        case NoteOff(note, _, velocity):
            return mido.Message("note_off", note=note, velocity=velocity, channel=channel)
        case ControlChange(control, value):
            return mido.Message("control_change", control=control, value=value, channel=channel)
        case PitchBend(value):
            return mido.Message("pitchwheel", pitch=min(value, _MOST_BEND), channel=channel)
        case ChannelPressure(value):
            return mido.Message("aftertouch", value=value, channel=channel)
        case PolyPressure(note, value):
            return mido.Message("polytouch", note=note, value=value, channel=channel)
        case ProgramChange(program):
            return mido.Message("program_change", program=program, channel=channel)
    return None
