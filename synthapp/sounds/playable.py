"""What makes encoded notes playable: rows of a sound with the levels of their recordings, parameters of a preset; and
sums of sounds as the weights need them.
"""

from collections.abc import Sequence

import numpy as np

from common.errors import ModelError, PresetError
from engine.parameters import TABLE, Param
from models.checkpoints import Checkpoint
from models.checkpoints.kinds import BASELINE, BASELINE_PAD
from models.config import REFERENCE_LEVEL, WaveNetConfig, told_pitch
from models.harmonic.config import HarmonicConfig
from presets import arithmetic
from presets.looping import Row
from presets.preset import EmbeddingSet

AS_RECORDED = {"release_ms": TABLE[Param.RELEASE_MS].maximum}  # so that recorded releases are heard as they are
DRAWN = {"temperature": 1.0}  # classes are drawn as the network says; of a mixture the mean is taken
PEAK = 0.98  # of a note at most: what is beyond full scale would be cut off


def with_frames(checkpoint: Checkpoint) -> Checkpoint:
    """The same weights. Raises ModelError where their embeddings have no frames: a baseline makes notes as a whole."""
    if checkpoint.kind in (BASELINE, BASELINE_PAD):
        raise ModelError("a baseline makes notes as a whole; use `baseline reconstruct`, `interpolate` and `pad`")
    return checkpoint


def row_of(config: WaveNetConfig, latents: np.ndarray, audio: np.ndarray, held: int) -> Row:
    """latents : (frames, latent) of the audio, (samples,); held : samples until the release"""
    hops = audio[: len(latents) * config.hop].reshape(len(latents), config.hop)
    levels_db = 10 * np.log10((hops**2).mean(1) / REFERENCE_LEVEL**2 + 1e-12)
    return Row(np.asarray(latents, np.float32), levels_db, min(held // config.hop, len(latents)))


def within_full_scale(audio: np.ndarray) -> np.ndarray:
    """The same, softer where it would be beyond PEAK. float32 (samples,)"""
    return audio * np.float32(min(1.0, PEAK / max(float(np.abs(audio).max()), PEAK)))


def draws(config) -> bool:
    """Whether a network's classes are drawn; of a mixture, and without chance, the mean is played."""
    return isinstance(config, WaveNetConfig) and not config.mixture


def parameters_for(config, corners: Sequence[EmbeddingSet]) -> dict[str, float]:
    """What a preset of these sounds needs that is not the default."""
    released = all(corner.release < corner.latents.shape[2] for corner in corners)
    return (DRAWN if draws(config) else {}) | (AS_RECORDED if released else {})


def timbre_of(config) -> int | None:
    """How many channels a sum must bring back to mean 0 and variance 1; None: none (see presets.arithmetic)."""
    return config.timbre if config.encoder == "spectrum" else None


def summands(config, *sounds: EmbeddingSet) -> tuple[EmbeddingSet, ...]:
    """Sounds as they can be summed for these weights. Raises PresetError where they cannot be."""
    if not isinstance(config, WaveNetConfig | HarmonicConfig):
        raise PresetError("these weights play notes that were made as a whole; there are no embeddings to be summed")
    return sounds if told_pitch(config) else arithmetic.on_shared_notes(*sounds)


def analogy_of(config, a: EmbeddingSet, b: EmbeddingSet, c: EmbeddingSet) -> EmbeddingSet:
    """What is to C as B is to A, for these weights. Free partials, which have no sum, are C's. Raises PresetError."""
    a, b, c = summands(config, a, b, c)
    summed = arithmetic.analogy(a, b, c, timbre=timbre_of(config))
    summed.latents[..., config.free] = c.latents[..., config.free]
    return summed
