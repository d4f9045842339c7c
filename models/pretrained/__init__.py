"""The weights that ship with the synthesizer, learnt from notes of FluidR3_GM."""

from pathlib import Path

_HERE = Path(__file__).parent
DEFAULT = _HERE / "default.safetensors"  # the harmonic model of the factory's presets, 32 kHz
WAVENET = _HERE / "wavenet.safetensors"  # a small WaveNet autoencoder, 16 kHz: the first default instrument
SMALL = _HERE / "small.safetensors"  # one that hears its own past, for the paper's figures and tables (docs/sound.md)
SHIPPED = (DEFAULT, WAVENET, SMALL)
