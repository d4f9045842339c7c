"""Samples a second at which the networks are trained on one core, by four ways to the gradient, side by side.

    python benchmarks/training.py [--seconds 5]

"module" is the decoder as torch runs it, in float32 and under autocast to bfloat16; "rows" models/training/rows.py in
both. Seconds are of the processor, so that other programs matter less; every way takes turns, the best turn counts. The
paper's small autoencoder is trained whole, encoder included, in crops of 2 x 2048 samples; then its decoder alone.
"""

import argparse
import sys
import time
from contextlib import nullcontext
from pathlib import Path
from unittest.mock import patch

import numpy as np
import torch

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from models.config import WaveNetConfig  # noqa: E402
from models.data.notes import Notes  # noqa: E402
from models.training import rows  # noqa: E402
from models.training.small import SmallTask, small_config  # noqa: E402
from models.wavenet import Decoder  # noqa: E402

TURNS = 3
ROWS_OUTPUTS = rows.outputs
WAYS = {
    "module, float32": (None, False),
    "module, bfloat16": (None, True),
    "rows, float32": (torch.float32, False),
    "rows, bfloat16": (torch.bfloat16, False),
}


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=5.0, help="of each turn")
    seconds = parser.parse_args().seconds
    torch.set_num_threads(1)
    for name, step in (("autoencoder", autoencoder()), ("decoder", decoder())):
        best = dict.fromkeys(WAYS, 0.0)
        for _ in range(TURNS):
            for way in WAYS:
                best[way] = max(best[way], samples_per_s(step, *WAYS[way], seconds))
        for way, speed in best.items():
            print(f"{name:12} {way:17} {speed:8,.0f} samples/s  {speed / best['module, float32']:.2f}")


def samples_per_s(step, dtype, autocast, seconds):
    """One turn. step : function from a way through the decoder to the samples that were learnt from"""

    def through(decoder, *given):
        return decoder(*given) if dtype is None else ROWS_OUTPUTS(decoder, *given, dtype=dtype)

    with torch.autocast("cpu", torch.bfloat16) if autocast else nullcontext():
        step(through)
        begin, samples = time.process_time(), 0
        while time.process_time() - begin < seconds:
            samples += step(through)
    return samples / (time.process_time() - begin)


def autoencoder():
    """Steps of the small recipe: loss, gradient, clipping, Adam."""
    noise = np.random.default_rng(0).integers(-9000, 9000, (8, 64000)).astype(np.int16)
    eight, ones = np.full(8, 60), np.ones(8, np.float32) / 32768
    task = SmallTask(Notes(noise, ones, eight, eight, eight * 0, ("noise",), 16000), small_config())
    model = task.build()
    optimiser, batch = task.optimiser(model.parameters()), task.draw(0)

    def step(through):
        with patch.object(rows, "outputs", through):
            loss = task.loss(model, batch)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), task.clip)
        optimiser.step()
        return task.samples(0)

    return step


def decoder(batch=2, samples=2048):
    """Gradients of the decoder alone."""
    config = WaveNetConfig(width=32, skip_width=32, layers=20)
    network, signal = Decoder(config), torch.randn(batch, samples, 1)
    conditions = torch.randn(batch, samples // config.hop, config.conditions)

    def step(through):
        network.zero_grad()
        through(network, signal, conditions).float().square().mean().backward()
        return batch * samples

    return step


if __name__ == "__main__":
    main()
