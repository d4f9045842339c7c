"""Where things are."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "tests" / "fixtures"
GOLDEN = ROOT / "tests" / "golden"
WAVENET_PRESET = FIXTURES / "wavenet" / "wavenet.manifold"  # of the weights that ship as WAVENET (fixtures/README.md)
MAGENTA = FIXTURES / "magenta-small"
MAGENTA_CHECKPOINT = MAGENTA / "model.ckpt-1234"  # prefix of the genuine TensorFlow checkpoint (fixtures/README.md)
