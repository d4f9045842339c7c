"""An embedding -> a WAV file, without the instrument around it."""

from pathlib import Path

import numpy as np

from common.atomic import replacing
from common.lines import tell
from engine.decoder.opening import open_decoder
from models.checkpoints import Checkpoint
from models.encoding.clips import decode_clip
from synthapp.progress import item_bar
from synthapp.sounds.playable import draws
from synthapp.sounds.wavfile import write_audio


def write_sound_of(
    checkpoint: Checkpoint, embedding: np.ndarray, output: Path, f0_hz: float, temperature: float | None, seed: int
) -> None:  # fmt: skip
    """Float32 at the model's rate, untouched. embedding : float32 (frames, latent)

    temperature : None: 1 for mu-law classes, 0 for a mixture of logistics
    """
    config = checkpoint.config
    if temperature is None:
        temperature = 1.0 if draws(config) else 0.0
    decoder = open_decoder(checkpoint, voices=1)
    with replacing(output) as temporary:
        audio = decode_clip(decoder, embedding, f0_hz, temperature, seed, item_bar("decoding"))
        write_audio(temporary, audio, config.rate)
    tell(f"{output}: {len(audio) / config.rate:.1f} s")
