"""The weights that ship with the synthesizer: a small WaveNet autoencoder trained on notes of FluidR3_GM."""

from pathlib import Path

DEFAULT = Path(__file__).parent / "default.safetensors"
