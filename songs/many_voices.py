"""Write three songs that have thirty voices and more sounding at once, to render them without one left out.

    python songs/many_voices.py songs

pedalled_piano.mid : broken chords over five octaves, the pedal held for two bars at a time
string_orchestra.mid : sixteen parts, every chord begun before the last one ends, two desks a part by turns
arpeggio_storm.mid : eight hands in sixteenths without a gap, each key struck again at the tick at which it is let go
"""

import sys
from pathlib import Path

import mido

TICKS = 480  # a beat
BAR = 4 * TICKS
CHORDS = ((0, 4, 7, 11), (9, 12, 16, 19), (5, 9, 12, 16), (7, 11, 14, 17))  # semitones above C, a bar each
SUSTAIN = 64


def note(tick, length, number, velocity, channel=0):
    """Both events of a note: (tick, message)."""
    yield tick, mido.Message("note_on", note=number, velocity=velocity, channel=channel)
    yield tick + length, mido.Message("note_off", note=number, channel=channel)


def pedalled_piano():
    """Thirty-two notes a pedal."""
    for bar in range(8):
        chord = CHORDS[bar // 2 % len(CHORDS)]
        for step in range(16):
            octave = step if step < 8 else 15 - step
            number = 36 + 12 * (octave // 2) + chord[step % 4] + bar % 2
            yield from note(bar * BAR + step * TICKS // 4, TICKS // 5, min(number, 96), 60 + 2 * octave)
        if bar % 2 == 0:
            yield bar * BAR, mido.Message("control_change", control=SUSTAIN, value=127)
            yield (bar + 2) * BAR - 20, mido.Message("control_change", control=SUSTAIN, value=0)


def string_orchestra():
    """Sixteen parts; each chord is held into the next, which other desks (channels) play."""
    for bar in range(6):
        for part in range(16):
            desk, degree = part // 4, part % 4
            number = (36, 48, 60, 72)[desk] + CHORDS[bar % len(CHORDS)][degree]
            start = bar * BAR + 30 * part
            yield from note(start, BAR + 3 * TICKS // 2, number, 70 + 5 * (part % 3), desk + 4 * (bar % 2))


def arpeggio_storm():
    """Eight hands; no rest between two strokes of a key."""
    step = TICKS // 4
    for hand in range(8):
        for count in range(96):
            chord = CHORDS[count // 16 % len(CHORDS)]
            number = 40 + 5 * hand + chord[(count if hand % 2 else 0) % 4]
            yield from note(count * step, step, number, 64 + count % 16, hand)


SONGS = {"pedalled_piano": pedalled_piano, "string_orchestra": string_orchestra, "arpeggio_storm": arpeggio_storm}


def sequence(name):
    """One of SONGS as a mido.MidiFile; at one tick keys come up before others, or themselves, go down."""
    events = sorted(SONGS[name](), key=lambda event: (event[0], event[1].type == "note_on"))
    track, now = mido.MidiTrack(), 0
    for tick, message in events:
        track.append(message.copy(time=tick - now))
        now = tick
    return mido.MidiFile(ticks_per_beat=TICKS, tracks=[track])


if __name__ == "__main__":
    for song in SONGS:
        sequence(song).save(Path(sys.argv[1]) / f"{song}.mid")
