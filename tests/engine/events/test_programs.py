"""Which preset bank select and program change ask for."""

from engine.commands import ControlChange, NoteOn, ProgramChange
from engine.events.programs import BANK, BANK_FINE, ProgramChanges
from engine.offline.songfile import Song, programs_asked


def test_either_controller_names_the_bank():
    for control in (BANK, BANK_FINE):
        changes = ProgramChanges()
        assert changes.take(ControlChange(control, 1, 3)) is None
        assert changes.take(ProgramChange(7, 3)) == (1, 7)
        assert changes.take(ProgramChange(8, 4)) == (0, 8)


def test_one_channel_of_every_port_counts_where_one_is_set():
    changes = ProgramChanges(channel=2)
    assert [changes.take(ProgramChange(5, channel)) for channel in (1, 2, 18, 19)] == [None, (0, 5), (0, 5), None]


def test_of_a_song_the_channels_with_notes_count_and_their_first_program():
    events = [ProgramChange(9, 0), ProgramChange(4, 2), NoteOn(60, 9, 2), ProgramChange(5, 2), NoteOn(60, 9, 1)]
    assert list(programs_asked(Song([(0.0, event) for event in events], 1.0, "")).items()) == [
        (1, (0, None)),
        (2, (0, 4)),
    ]
