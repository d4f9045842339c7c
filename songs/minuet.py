"""Sequence the Minuet in G major, BWV Anh. 114 (Christian Petzold, about 1725; public domain) as a MIDI file.

    python songs/minuet.py songs/minuet.mid

Each bar is a list of `note:beats`; a bar is three beats long.
"""

import sys

import mido

TICKS = 480  # a beat
BEATS_PER_MINUTE = 116
RIGHT, LEFT = 0, 1  # hands, and their MIDI channels

OPENING = "D5:1 G4:.5 A4:.5 B4:.5 C5:.5 | D5:1 G4:1 G4:1 | E5:1 C5:.5 D5:.5 E5:.5 F#5:.5 | G5:1 G4:1 G4:1"
MELODY = " | ".join([
    OPENING,
    "C5:1 D5:.5 C5:.5 B4:.5 A4:.5 | B4:1 C5:.5 B4:.5 A4:.5 G4:.5 | F#4:1 G4:.5 A4:.5 B4:.5 G4:.5 | A4:3",
    OPENING,
    "C5:1 D5:.5 C5:.5 B4:.5 A4:.5 | B4:1 C5:.5 B4:.5 A4:.5 G4:.5 | A4:1 B4:.5 A4:.5 G4:.5 F#4:.5 | G4:3",
    "B5:1 G5:.5 A5:.5 B5:.5 G5:.5 | A5:1 D5:.5 E5:.5 F#5:.5 D5:.5",
    "G5:1 E5:.5 F#5:.5 G5:.5 D5:.5 | C#5:1 B4:.5 C#5:.5 A4:1",
    "A4:.5 B4:.5 C#5:.5 D5:.5 E5:.5 F#5:.5 | G5:1 F#5:1 E5:1 | F#5:1 A4:1 C#5:1 | D5:3",
    "D5:1 G4:.5 F#4:.5 G4:1 | E5:1 G4:.5 F#4:.5 G4:1 | D5:1 C5:1 B4:1 | A4:.5 G4:.5 F#4:.5 G4:.5 A4:1",
    "D4:.5 E4:.5 F#4:.5 G4:.5 A4:.5 B4:.5 | C5:1 B4:1 A4:1 | B4:.5 D5:.5 G4:1 F#4:1 | G4:3",
])  # fmt: skip
BASS = " | ".join([
    "G3+B3+D4:2 A3:1 | B3:3 | C4:3 | B3:3 | A3:3 | G3:3 | D4:1 B3:1 G3:1 | D4:1 D3:.5 C4:.5 B3:.5 A3:.5",
    "B3:2 A3:1 | G3:1 B3:1 G3:1 | C4:3 | B3:1 C4:.5 B3:.5 A3:.5 G3:.5",
    "A3:2 F#3:1 | G3:2 B3:1 | C4:1 D4:1 D3:1 | G3:2 G2:1",
    "G3:3 | F#3:3 | E3:1 G3:1 E3:1 | A3:2 A2:1 | A3:3 | B3:1 D4:1 C#4:1 | D4:1 F#3:1 A3:1 | D4:1 D3:1 C4:1",
    "B3:1 D4:1 B3:1 | C4:1 E4:1 C4:1 | B3:1 A3:1 G3:1 | D4:3",
    "D3:2 F#3:1 | E3:1 G3:1 F#3:1 | G3:1 B2:1 D3:1 | G3:1 D3:1 G2:1",
])  # fmt: skip
SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
ACCENTS = {0: 12, 1: 0, 2: 4}  # velocity added on the beats of a bar


def midi_note(name):
    """MIDI number of a name such as F#5; C4 is 60."""
    sharp = name[1] == "#"
    return 12 * (int(name[-1]) + 1) + SEMITONES[name[0]] + sharp


def hand(bars, channel, velocity):
    """(tick, message) of one hand. Notes are let go a little early, so that repeated ones speak."""
    beat, events = 0.0, []
    for number, bar in enumerate(bars.split("|")):
        for word in bar.split():
            names, length = word.split(":")
            loud = velocity + ACCENTS.get(beat % 3, -4) + (6 if 16 <= number < 22 else 0)
            end = beat + float(length) * 0.94
            for name in names.split("+"):
                note = midi_note(name)
                events.append((round(beat * TICKS), mido.Message("note_on", note=note, velocity=loud, channel=channel)))
                events.append((round(end * TICKS), mido.Message("note_off", note=note, channel=channel)))
            beat += float(length)
        if beat % 3:
            raise ValueError(f"bar {number + 1} has {beat % 3} beats too many")
    return events


def sequence():
    """The whole piece as a mido.MidiFile of one track."""
    track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(BEATS_PER_MINUTE))])
    now = 0
    for tick, message in sorted(hand(MELODY, RIGHT, 84) + hand(BASS, LEFT, 66), key=lambda event: event[0]):
        track.append(message.copy(time=tick - now))
        now = tick
    return mido.MidiFile(ticks_per_beat=TICKS, tracks=[track])


if __name__ == "__main__":
    sequence().save(sys.argv[1])
