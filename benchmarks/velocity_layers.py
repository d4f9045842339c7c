"""By how much a sound font's instruments are brighter where they are struck harder.

    python benchmarks/velocity_layers.py [--sf2 FILE] [NAME ...]

Prints a Markdown table: of two keys each, dB an octave of harmonic number by which the spectrum rises from one velocity
to the next, over the harmonics within 50 dB of the strongest, and how far they are from that line. Where both are 0 the
font plays one recording, softer: there one stored velocity is enough.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common.pitch import key_hz  # noqa: E402
from models.data.nsynth import RATE  # noqa: E402
from models.data.programs import PROGRAMS  # noqa: E402
from models.data.soundfont import FONT, VELOCITIES, FontPlayer  # noqa: E402

HEARD_DB = 50.0  # below the strongest harmonic
HIGHEST_HZ = 7600.0
FULL = 126  # steps of velocity


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="of programs; default: all")
    parser.add_argument("--sf2", default=FONT)
    arguments = parser.parse_args()
    player, slopes = FontPlayer(arguments.sf2), []
    spans = [(VELOCITIES[0], VELOCITIES[-1]), *zip(VELOCITIES, VELOCITIES[1:], strict=False)]
    titles = " | ".join(f"{soft} to {hard}, dB an octave | off the line, dB" for soft, hard in spans)
    print(f"| instrument | key | {titles} |\n| --- | --- |{' --- |' * (2 * len(spans))}")
    for program in PROGRAMS:
        if not arguments.names or program.name in arguments.names:
            for share in (1 / 3, 2 / 3):
                key = round(program.low + share * (program.high - program.low))
                levels = {velocity: harmonics_db(player.play(program, key, velocity), key) for velocity in VELOCITIES}
                lines = [tilt(levels[soft], levels[hard]) for soft, hard in spans]
                print(f"| {program.name} | {key} | {' | '.join(f'{x:.2f}' for line in lines for x in line)} |")
                slopes.append(lines[0][0])
    told = np.array(slopes)
    changing = told[np.abs(told) > 0.3]
    if changing.size:
        full = np.median(changing) * FULL / (VELOCITIES[-1] - VELOCITIES[0])
        print(f"\n{changing.size} of {told.size} notes change; their median is {full:.1f} dB an octave from 1 to 127")


def harmonics_db(audio, key):
    """float64 (harmonics,): of the first second of a note. audio : int16 (samples,)"""
    first = audio[:RATE] * np.hanning(RATE)
    spectrum, f0_hz = np.abs(np.fft.rfft(first, 4 * RATE)), key_hz(key)
    found = []
    for k in range(1, int(HIGHEST_HZ / f0_hz) + 1):
        middle, reach = round(4 * k * f0_hz), max(round(0.08 * k * f0_hz), 8)
        found.append(spectrum[middle - reach : middle + reach + 1].max())
    return 20 * np.log10(np.array(found) + 1e-9)


def tilt(soft_db, hard_db):
    """(dB an octave, standard deviation from the line) of what changes; nan where fewer than three are heard."""
    heard = (soft_db > soft_db.max() - HEARD_DB) & (hard_db > hard_db.max() - HEARD_DB)
    if heard.sum() < 3:
        return np.nan, np.nan
    octaves, change = np.log2(1 + np.flatnonzero(heard)), (hard_db - soft_db)[heard]
    slope, level = np.polyfit(octaves, change, 1)
    return slope, (change - slope * octaves - level).std()


if __name__ == "__main__":
    main()
