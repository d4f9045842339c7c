"""A musician's world in small: random weights in Magenta's format, and notes of three instruments in NSynth's."""

import tarfile

import numpy as np

from models.checkpoints.layout import weight_shapes
from models.config import WaveNetConfig
from models.data.nsynth import RATE, SAMPLES
from tests.models.checkpoints.bundle_writer import magenta_tensors, write_bundle
from tests.models.data.record_writer import example, note_features, record

CONFIG = WaveNetConfig(width=48, skip_width=32, layers=20, latent=16, encoder_width=8, encoder_layers=6)
NOTES = ("flute_acoustic_002-072-100", "bass_electronic_011-036-100", "organ_synthetic_001-060-100")
LATER = 45  # another pitch of the last one, at two velocities


def write_archive(path, config=CONFIG):
    """wavenet-ckpt.tar, as it is downloaded."""
    chance = np.random.default_rng(3)

    def draw(shape):
        fan_in = np.prod(shape[:-1]) if len(shape) > 1 else 100
        return chance.standard_normal(shape) / np.sqrt(fan_in)

    prefix = path.parent / "model.ckpt-200000"
    write_bundle(prefix, magenta_tensors(weight_shapes(config), draw))
    with tarfile.open(path, "w") as archive:
        for part in (".index", ".data-00000-of-00001"):
            archive.add(f"{prefix}{part}", f"wavenet-ckpt/{prefix.name}{part}")
    return path


def tone(pitch, fade_s=np.inf):
    """A held note of SAMPLES, released after 3 s."""
    t = np.arange(SAMPLES) / RATE
    hz = 440 * 2 ** ((pitch - 69) / 12)
    wave = sum(np.sin(2 * np.pi * k * hz * t) / k for k in range(1, 5)) / 3
    return wave * np.minimum(1, t / 0.01) * np.exp(-t / fade_s) * np.clip((3.3 - t) / 0.3, 0, 1)


def write_notes(path):
    """A TFRecord file."""
    names = (*NOTES, f"organ_synthetic_001-{LATER:03d}-025", f"organ_synthetic_001-{LATER:03d}-127")
    contents = [record(example(note_features(name, tone(int(name.split("-")[1]))))) for name in names]
    path.write_bytes(b"".join(contents))
    return path
