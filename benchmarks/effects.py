"""What the built-in effects cost, whether their knobs are heard as noise, and how loud presets are in their space.

    python benchmarks/effects.py [--frames 64] [--paced 1000] [--presets]

Prints Markdown tables. Paced blocks come at the real rhythm, with the processor asleep in between, as live; a tight
loop is several times too good. The last columns: a 220 Hz tone of -12 dBFS, what is heard above 8 kHz while each knob
in turn goes from end to end in a second, or jumps there and back; the worst knob, beside the same with knobs at rest.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
from scipy import signal

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from engine.effects.chain import Chain  # noqa: E402
from engine.effects.kinds import KINDS  # noqa: E402
from engine.effects.table import chain_of  # noqa: E402
from engine.offline.loudness import lufs  # noqa: E402
from presets.effects import Slot  # noqa: E402

RATE = 48000
TIME = np.arange(2 * RATE) / RATE
TONE = np.repeat(0.25 * np.sin(2 * np.pi * 220 * TIME)[:, np.newaxis], 2, 1).astype(np.float32)
TONE[:4800] *= np.hanning(9600)[:4800, np.newaxis]
HIGH = signal.butter(8, 8000, "high", fs=RATE, output="sos")
NOTES = (36, 48, 60, 72, 84)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--frames", type=int, default=64)
    parser.add_argument("--paced", type=int, default=1000, help="blocks")
    parser.add_argument("--presets", action="store_true", help="loudness of the factory's presets, dry and as they are")
    arguments = parser.parse_args()
    if arguments.presets:
        print_presets()
    else:
        print_effects(arguments.frames, arguments.paced)


def print_effects(frames, blocks):
    print(f"| effect | tight, us | paced, us: p50 / p99 | share of {frames} frames | tail, s | knob, dBFS | at rest |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for kind in KINDS:
        tight, paced = cost_us(made(kind), frames, 5000, 0.0), cost_us(made(kind), frames, blocks, frames / RATE)
        share = np.median(paced) / (1e6 * frames / RATE)
        turned, still = zipper_db(kind)
        print(
            f"| {kind} | {np.median(tight):.1f} | {np.median(paced):.0f} / {np.percentile(paced, 99):.0f}"
            f" | {share:.1%} | {made(kind).tail / RATE:.1f} | {turned:.0f} | {still:.0f} |",
            flush=True,
        )


def made(kind, **parameters) -> Chain:
    """A chain of this effect alone, all of it wet."""
    chain, missing = chain_of([Slot(1, kind, parameters=parameters)])
    assert not missing, missing
    chain.prepare(RATE, 193)
    return chain


def cost_us(chain, frames, blocks, pause_s):
    """Microseconds of each block of noise."""
    noise = np.random.default_rng(0).uniform(-0.25, 0.25, (frames, 2)).astype(np.float32)
    block, taken = noise.copy(), np.zeros(blocks)
    next_s = time.perf_counter()
    for number in range(blocks):
        block[:] = noise
        begun = time.perf_counter()
        chain.process(block)
        taken[number] = time.perf_counter() - begun
        next_s += pause_s
        time.sleep(max(next_s - time.perf_counter(), 0.0) if pause_s else 0.0)
    return 1e6 * taken


def zipper_db(kind):
    """dBFS above 8 kHz with the worst knob turned or jumping, and with the same knob at rest."""
    found = [(max(turned(kind, name, row), jumped(kind, name, row)), rest(kind, name, row))
             for name, row in KINDS[kind].rows.items()]  # fmt: skip
    return max(found, key=lambda pair: pair[0] - max(pair[1], -60.0))


def turned(kind, name, row):
    chain = made(kind, **{name: row.minimum})
    way = lambda seconds: row.minimum + min(max(seconds - 0.5, 0.0), 1.0) * (row.maximum - row.minimum)  # noqa: E731
    return high_db(chain, lambda seconds: chain.set(1, name, way(seconds)))


def jumped(kind, name, row):
    chain = made(kind, **{name: row.minimum})
    return high_db(chain, lambda seconds: chain.set(1, name, row.maximum if int(2 * seconds) % 2 else row.minimum))


def rest(kind, name, row):
    return max(high_db(made(kind, **{name: end}), lambda seconds: None) for end in (row.minimum, row.maximum))


def high_db(chain, turn):
    """dBFS of the loudest moment above 8 kHz."""
    audio = TONE.copy()
    for at in range(0, len(audio), 192):
        turn(at / RATE)
        chain.process(audio[at : at + 192])
    return 20 * np.log10(np.abs(signal.sosfilt(HIGH, audio, axis=0)).max() + 1e-12)


def print_presets():
    """Five notes each, a second held and a second of release, the same audio without and through the chain."""
    from engine.decoder.opening import open_decoder
    from models import checkpoints
    from models.checkpoints.source import DEFAULT_SOURCE
    from presets.library import Library, open_preset

    checkpoint = checkpoints.read(DEFAULT_SOURCE)
    decoder = open_decoder(checkpoint, len(NOTES))
    print("| preset | dry, LUFS | in its space | difference, dB |\n| --- | --- | --- | --- |")
    pairs = []
    for entry in Library().entries():
        if entry.factory:
            preset = open_preset(entry.path)
            dry = played(preset, decoder, checkpoint.config)
            pairs.append((lufs(dry), lufs(in_space(dry, preset.effects))))
            print(f"| {entry.name} | {pairs[-1][0]:.1f} | {pairs[-1][1]:.1f} | {pairs[-1][1] - pairs[-1][0]:+.1f} |")
    for what, levels in zip(("dry", "in space"), np.array(pairs).T, strict=True):
        print(f"{what}: {levels.min():.1f} to {levels.max():.1f} LUFS, standard deviation {levels.std():.1f} dB")


def played(preset, decoder, config):
    """float32 (frames, 2): the notes one after the other."""
    from engine.commands import NoteOff, NoteOn
    from engine.synth import Synth
    from engine.voice.sound import Sound

    synth = Synth(decoder, RATE, len(NOTES))
    synth.load(Sound.from_preset(preset, config))
    for place, note in enumerate(NOTES):
        synth.handle(NoteOn(note, 100), 2 * place * config.rate)
        synth.handle(NoteOff(note), (2 * place + 1) * config.rate)
    audio = np.zeros((2 * len(NOTES) * RATE, 2), np.float32)
    synth.render(audio)
    return audio


def in_space(audio, slots):
    chain, missing = chain_of(slots or ())
    assert not missing, missing
    chain.prepare(RATE, 193)
    wet = audio.copy()
    for at in range(0, len(wet), 192):
        chain.process(wet[at : at + 192])
    return wet


if __name__ == "__main__":
    main()
