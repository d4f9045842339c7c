"""What sounds anywhere on the pad cost, and how fast they change on the way over it.

    python benchmarks/points.py [--voices 32] [--layouts 20]

Prints a Markdown table. Microseconds a tick, best of many: of the weights, and of the latents that are mixed by them,
every voice on its way. The pads: points of which no two are nearer than a tenth of the side (of 32, 0.08), sounds of
the factory's presets. A step is 1/1000 of the side in any direction; dB are those of the level that the decoder is
given for key 60 held, where sounds are as far apart as they are.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from engine.voice.blend import Blend  # noqa: E402
from engine.voice.sound import Sound  # noqa: E402
from engine.voice.trajectory import Trajectories  # noqa: E402
from models import checkpoints  # noqa: E402
from models.checkpoints.source import DEFAULT_SOURCE  # noqa: E402
from presets.file import read_preset  # noqa: E402
from presets.library import FACTORY  # noqa: E402
from presets.pad import POINTS, Layout  # noqa: E402
from presets.preset import Preset  # noqa: E402

STEP = 1e-3
TICKS = 400
PLACES = 2000  # of steps on each pad


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--voices", type=int, default=32)
    parser.add_argument("--layouts", type=int, default=20, help="pads of each number of points")
    arguments = parser.parse_args()
    config, random = checkpoints.read(DEFAULT_SOURCE).config, np.random.default_rng(0)
    presets = [read_preset(path) for path in sorted(FACTORY.glob("*.manifold"))]
    sounds = list({sound.name: sound for preset in presets for sound in preset.corners}.values())
    print("| points | weights, us a tick | latents, us a tick | step: most of a weight | most, dB | 99.9 %, dB |")
    print("| --- | --- | --- | --- | --- | --- |")
    for count in (0, 1, 2, 4, 8, 16, 32):
        pads = [scattered(count, random) if count else POINTS for _ in range(arguments.layouts if count else 1)]
        chosen = [sounds[row] for row in random.permutation(len(sounds))[: len(pads[0])]]
        sound = Sound.from_preset(Preset("points", tuple(chosen), places=pads[0]), config)
        costs = cost_us(sound, config, arguments.voices, random)
        levels = [each.latents[len(each.pitches) // 2, -1, each.loop[0], -1] for each in chosen]
        weights, dbs = changes(pads, np.array(levels), random)
        name = count or "four corners"
        print(f"| {name} | {costs[0]:.1f} | {costs[1]:.0f} | {weights.max():.4f}"
              f" | {dbs.max():.3f} | {np.percentile(dbs, 99.9):.3f} |", flush=True)  # fmt: skip


def scattered(count, random):
    places: list[tuple[float, float]] = []
    apart = 0.08 if count > 16 else 0.1
    while len(places) < count:
        place = tuple(random.random(2).tolist())
        if all(np.hypot(place[0] - x, place[1] - y) >= apart for x, y in places):
            places.append(place)
    return tuple(places)


def cost_us(sound, config, voices, random):
    """(of the weights, of the latents), microseconds a tick."""
    slots, blend, moving = np.arange(voices), Blend(voices, sound.layout), Trajectories(config, voices)
    for slot in slots:
        moving.start(slot, 40 + slot % 40, 100, 0.0)
    ways, found = random.random((TICKS, voices, 2)), []
    for places in ways:
        begun = time.perf_counter()
        blend.place(slots, places)
        placed = time.perf_counter()
        moving.advance(slots, sound, blend.weights, 1.0)
        found.append((placed - begun, time.perf_counter() - placed))
        moving.sounded(slots, config.tick)
    return 1e6 * np.percentile(found[TICKS // 10 :], 5, axis=0)


def changes(pads, levels, random):
    """(most that a weight changes, by how many dB the level does) of steps on these pads."""
    most, dbs = [], []
    for pad in pads:
        layout, places, turns = Layout(pad), random.random((PLACES, 2)), 2 * np.pi * random.random(PLACES)
        beside = (places + STEP * np.stack([np.cos(turns), np.sin(turns)], axis=1)).clip(0, 1)
        steps = layout.weights(*places.T) - layout.weights(*beside.T)
        most.append(np.abs(steps).max(-1))
        dbs.append(np.abs(steps @ levels))
    return np.concatenate(most), np.concatenate(dbs)


if __name__ == "__main__":
    main()
