"""What the paper's network (512/256/30, three taps, 256 classes) costs on this machine, with random weights.

    python benchmarks/paper_size.py [--voices 1 16] [--turns 5]

In turns, in one run: a sample of all voices in each precision on one core and on all, the encoding of a note of 4 s by
torch on one thread and on all, and reading as many bytes as the float32 weights have: no decoder that reads all its
weights for every sample can take less than that. Times on one core are its own, on several those of the clock.
"""

import argparse
import os
import resource
import sys
import time
from pathlib import Path
from statistics import median

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from engine.decoder.opening import open_decoder  # noqa: E402
from engine.decoder.protocol import DecoderChoice, Precision  # noqa: E402
from engine.decoder.speed import in_turns  # noqa: E402
from models.checkpoints import Checkpoint  # noqa: E402
from models.checkpoints.layout import RANGES, weight_shapes  # noqa: E402
from models.config import WaveNetConfig  # noqa: E402

CONFIG = WaveNetConfig(width=512, skip_width=256, layers=30, stages=10, taps=3, latent=16, hop=512)
SAMPLES = 64
NOTE_S = 4.0
PRECISIONS: tuple[Precision, ...] = ("float32", "int8")


def main():
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--voices", type=int, nargs="+", default=[1, 16])
    parser.add_argument("--turns", type=int, default=5)
    arguments = parser.parse_args()
    checkpoint = Checkpoint(CONFIG, random_weights(), {RANGES: np.full(CONFIG.layers, 4, np.float32)})
    for voices in arguments.voices:
        decoding(checkpoint, voices, arguments.turns)
    encoding(checkpoint, arguments.turns)
    print(f"memory at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def random_weights():
    """Of the size of trained ones."""
    chance, weights = np.random.default_rng(0), {}
    for name, shape in weight_shapes(CONFIG).items():
        inputs = shape[-2] * shape[-3] if len(shape) > 2 else 10
        weights[name] = chance.standard_normal(shape, np.float32) / np.float32(np.sqrt(inputs))
    return weights


def decoding(checkpoint, voices, turns):
    """Milliseconds of a sample of all voices."""
    chance = np.random.default_rng(0)
    latents = chance.standard_normal((voices, CONFIG.latent)).astype(np.float32)
    uniforms = chance.random((voices, SAMPLES), np.float32)
    given = np.arange(voices), latents, np.full_like(uniforms, 220), np.ones(voices, np.float32), uniforms
    decoders = {
        f"{precision} x {cores}": open_decoder(checkpoint, voices, DecoderChoice("cpu", precision, cores))
        for cores in sorted({1, os.cpu_count() or 1})
        for precision in PRECISIONS
    }
    work = {
        name: (lambda decoder=decoder: decoder.render(*given, np.zeros_like(uniforms)), SAMPLES, int(name.split()[-1]))
        for name, decoder in decoders.items()
    }
    weights = np.concatenate([values.ravel() for name, values in checkpoint.weights.items() if "decoder" in name])
    us = in_turns(work | {"reading float32": (lambda: weights.max(), 1, 1)}, turns)
    print(f"{voices} voices, ms a sample: " + ", ".join(f"{name} {each / 1000:.2f}" for name, each in us.items()))
    for decoder in decoders.values():
        decoder.close()


def encoding(checkpoint, turns):
    """Seconds for a note."""
    import torch

    from models.checkpoints.building import build

    model, audio = build(checkpoint), np.random.default_rng(0).uniform(-0.5, 0.5, int(NOTE_S * CONFIG.rate))
    for threads in sorted({1, os.cpu_count() or 1}):
        torch.set_num_threads(threads)
        clock, times = time.perf_counter if threads > 1 else time.thread_time, []
        for _ in range(turns):
            start = clock()
            model.encode(audio)
            times.append(clock() - start)
        print(f"a note of {NOTE_S:.0f} s encoded on {threads} threads in {median(times):.2f} s")


if __name__ == "__main__":
    main()
