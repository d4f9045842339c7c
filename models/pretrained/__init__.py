"""The weights that ship with the synthesizer, trained on notes of FluidR3_GM: small WaveNet autoencoders.

default : the instrument; small : one that hears its own past, for the paper's figures and tables (docs/sound.md)
"""

from pathlib import Path

DEFAULT, SMALL = (Path(__file__).parent / f"{name}.safetensors" for name in ("default", "small"))
