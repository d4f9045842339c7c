"""Whether a held note comes back as it was, and how far apart notes of one key are: without and with life.

    python benchmarks/life.py [--seconds 14] [NAME ...]

Prints a Markdown table of sounds of the factory's presets. A sound repeats as much as its levels in 24 bands (every
16 ms, each band's mean taken out, those within 30 dB of the strongest) correlate with themselves at the worst lag
from 1 s on. Four notes of one key are as far apart as their levels, in dB, in the mean over the bands and their
first 3 s.
"""

import argparse
import sys
from itertools import combinations
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from engine.commands import NoteOff, NoteOn  # noqa: E402
from engine.decoder.opening import open_decoder  # noqa: E402
from engine.synth import Synth  # noqa: E402
from engine.voice.sound import Sound  # noqa: E402
from models import checkpoints  # noqa: E402
from models.checkpoints.source import DEFAULT_SOURCE  # noqa: E402
from presets.file import SUFFIX, read_preset  # noqa: E402
from presets.library import FACTORY  # noqa: E402
from presets.preset import Preset  # noqa: E402

NAMES = ("flute", "cello", "alto saxophone", "church organ", "choir aahs")
KEY, STROKES = 67, 4
HOP_S, WINDOW_S, BANDS = 0.016, 0.064, 24
SETTLED_S, LEAST_LAG_S, APART_S = 1.5, 1.0, 3.0
HEARD_DB = 30.0  # below the strongest band


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", default=NAMES, help="of sounds")
    parser.add_argument("--seconds", type=float, default=14.0, help="that a note is held")
    arguments = parser.parse_args()
    checkpoint = checkpoints.read(DEFAULT_SOURCE)
    decoder = open_decoder(checkpoint, 2)
    print("| sound | repeats, life 0 | life 1 | one key apart, life 0, dB | life 1 |\n| --- | --- | --- | --- | --- |")
    for name, corner in sounds(arguments.names):
        cells = []
        for life in (0.0, 1.0):
            preset = Preset(name, (corner,) * 4, parameters={"life": life})
            synth = Synth(decoder, checkpoint.config.rate, 1, mapping=False)
            synth.load(Sound.from_preset(preset, checkpoint.config))
            long, *short = (held(synth, seconds) for seconds in (arguments.seconds, *[APART_S] * STROKES))
            apart = [np.abs(one - other).mean() for one, other in combinations(short, 2)]
            cells.append((repeats(long), np.mean(apart)))
        print(
            f"| {name} | " + " | ".join(f"{x:.2f}" for pair in zip(*cells, strict=True) for x in pair) + " |",
            flush=True,
        )


def sounds(names):
    """(name, EmbeddingSet), each once."""
    found = {}
    for path in sorted(FACTORY.glob(f"*{SUFFIX}")):
        found |= {corner.name: corner for corner in read_preset(path).corners}
    return [(name, found[name]) for name in names]


def held(synth, seconds):
    """float64 (frames, BANDS): levels of a note, dB."""
    rate = synth.model_rate
    synth.handle(NoteOn(KEY, 100))
    audio = np.zeros((round(seconds * rate), 2), np.float32)
    synth.render(audio)
    synth.handle(NoteOff(KEY))
    synth.panic()
    synth.render(np.zeros((rate // 10, 2), np.float32))
    return levels_db(audio[:, 0].astype(float), rate)


def levels_db(audio, rate):
    hop, window = round(HOP_S * rate), round(WINDOW_S * rate)
    frames = np.lib.stride_tricks.sliding_window_view(audio, window)[::hop] * np.hanning(window)
    power = np.abs(np.fft.rfft(frames, axis=1)) ** 2
    edges = np.unique(np.geomspace(3, power.shape[1] - 1, BANDS + 1).astype(int))
    return 10 * np.log10(np.add.reduceat(power, edges[:-1], axis=1) + 1e-9)


def repeats(levels):
    """The highest correlation with itself, later, in the bands that are not noise alone."""
    steady = levels[round(SETTLED_S / HOP_S) :]
    steady = steady[:, steady.mean(0) > steady.mean(0).max() - HEARD_DB]
    steady = steady - steady.mean(0)
    lags = range(round(LEAST_LAG_S / HOP_S), len(steady) // 2)
    return max(np.corrcoef(steady[lag:].ravel(), steady[:-lag].ravel())[0, 1] for lag in lags)


if __name__ == "__main__":
    main()
