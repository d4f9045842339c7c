"""What int8 does to the distributions of the samples, on notes that no training saw.

    python benchmarks/int8_loss.py [--notes data/notes] [--count 20] [--weights FILE]

Held-out notes are encoded; both decoders then tell the distribution of every sample, fed with the same random past, if
the network hears any. Prints the Kullback-Leibler divergence of int8 from float32 over LEVELS equal steps of the
companded sample, and how far the means are apart, relative to the level of the sound.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from scipy.special import expit, log_softmax

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from engine.decoder.opening import open_decoder  # noqa: E402
from engine.decoder.protocol import DecoderChoice  # noqa: E402
from models import checkpoints  # noqa: E402
from models.analysis.recording import gain_to_level  # noqa: E402
from models.checkpoints.building import load  # noqa: E402
from models.config import LOG_SCALE_MIN  # noqa: E402
from models.encoding.fit import encode_note  # noqa: E402
from models.evaluation.estimators.pitch import key_hz  # noqa: E402
from models.evaluation.recordings import Recordings  # noqa: E402
from models.mulaw import expand  # noqa: E402
from models.pretrained import DEFAULT  # noqa: E402

LEVELS = 256
FIRST, LAST = 10, 100  # frames of each note that are compared


def main():
    """Encode, score, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--notes", type=Path, default=Path("data/notes"), help="recordings, with a folder test")
    parser.add_argument("--count", type=int, default=20, help="notes")
    parser.add_argument("--weights", default=DEFAULT, help="an instrument with a mixture of logistics")
    arguments = parser.parse_args()
    checkpoint = checkpoints.read(arguments.weights)
    config = checkpoint.config
    decoders = [open_decoder(checkpoint, 1, DecoderChoice("cpu", precision, 1)) for precision in ("float32", "int8")]
    divergences, apart_db = [], []
    for latents, f0_hz in encoded(arguments):
        exact, small = (outputs(decoder, latents, f0_hz) for decoder in decoders)
        divergences.append(divergence(probabilities(exact, config.mixture), probabilities(small, config.mixture)))
        first, second = (expand(mean(each, config.mixture)) for each in (exact, small))
        apart_db.append(10 * np.log10(np.mean((first - second) ** 2) / np.mean(first**2)))
    nats = np.concatenate(divergences)
    print(f"{len(apart_db)} notes: {nats.mean():.5f} nats in the mean, 99th percentile {np.percentile(nats, 99):.4f}")
    print(f"means {np.median(apart_db):.1f} dB below the sound apart, at most {np.max(apart_db):.1f}")


def encoded(arguments):
    """(latents (frames, latent), f0_hz) of held-out notes."""
    recordings, model = Recordings(arguments.notes), load(arguments.weights)
    for example in recordings.draw("test", arguments.count):
        audio = recordings.sound(example["note_str"])
        f0_hz = key_hz(example["pitch"])
        yield encode_note(model, audio * gain_to_level(audio, model.config.hop), f0_hz)[FIRST:LAST], f0_hz


def outputs(decoder, latents, f0_hz):
    """float64 (samples, outputs), each frame held; the same randomness each time."""
    config, slot, rng = decoder.config, np.array([0]), np.random.default_rng(0)
    decoder.reset(slot)
    shape = 1, config.hop
    parts = []
    for frame in latents:
        chance, heard = rng.random(shape, np.float32), rng.uniform(-0.3, 0.3, shape).astype(np.float32)
        parts.append(decoder.score(slot, heard, frame[None], np.full(shape, f0_hz, np.float32), chance)[0])
    return np.concatenate(parts).astype(np.float64)


def probabilities(rows, mixture):
    """(samples, LEVELS): of equal steps from -1 to 1. rows : (samples, 3 * mixture)"""
    shares, means, scales = np.split(rows, [mixture, 2 * mixture], axis=1)
    edges = np.linspace(-1, 1, LEVELS + 1)[1:-1]
    z = (edges - means[..., None]) * np.exp(-np.maximum(scales, LOG_SCALE_MIN))[..., None]
    below = (np.exp(log_softmax(shares, 1))[..., None] * expit(z)).sum(1)
    ends = np.zeros((len(rows), 1)), np.ones((len(rows), 1))
    return np.diff(np.concatenate([ends[0], below, ends[1]], 1)).clip(1e-12)


def divergence(exact, small):
    """Nats, (samples,)."""
    return (exact * np.log(exact / small)).sum(1)


def mean(rows, mixture):
    """What is played at temperature 0: (samples,)."""
    shares, means, _ = np.split(rows, [mixture, 2 * mixture], axis=1)
    return (np.exp(log_softmax(shares, 1)) * means).sum(1).clip(-1, 1)


if __name__ == "__main__":
    main()
