"""Mu-law: 8-bit codes as NSynth computes them, and the lighter companding that a mixture of logistics models."""

import numpy as np

from models.config import CLASSES, MU_CLASSES, MU_MIXTURE

HALF = CLASSES // 2


def mulaw_encode(audio):
    """Compress audio to 8-bit mu-law codes.

    audio : float (..., samples); values outside [-1, 1) take the outermost code
    returns : int16 (..., samples), in [-128, 127]
    Source: Engel et al. 2017, section 2.1; rounding (floor) as in Magenta's `mu_law`.
    """
    audio = np.asarray(audio, np.float32)
    # log(1 + x), not log1p: as in the original, a negative sample too small for float32 beside 1 is code 0, not -1
    companded = np.sign(audio) * np.log(1 + MU_CLASSES * np.abs(audio)) / np.log(np.float32(CLASSES))
    codes = np.floor(companded * HALF)
    return np.clip(codes, -HALF, HALF - 1).astype(np.int16)


def mulaw_decode(codes):
    """Expand mu-law codes to audio at the centres of their bins; code 0 is exactly 0.

    codes : int (..., samples), in [-128, 127]
    returns : float32 (..., samples), in [-0.98, 0.98]
    Source: Magenta's `inv_mu_law_numpy`.
    """
    codes = np.asarray(codes)
    audio = expand((codes.astype(np.float32) + np.float32(0.5)) / HALF, MU_CLASSES)
    return np.where(codes == 0, np.float32(0.0), audio)


def compress(audio, mu=MU_MIXTURE):
    """sign(x) ln(1 + mu |x|) / ln(1 + mu). float (..., samples) in [-1, 1] -> float32, same range."""
    audio = np.asarray(audio, np.float32)
    return (np.sign(audio) * np.log1p(mu * np.abs(audio)) / np.log1p(mu)).astype(np.float32)


def expand(companded, mu=MU_MIXTURE):
    """Inverse of `compress`. float (..., samples) in [-1, 1] -> float32, same range."""
    companded = np.asarray(companded, np.float32)
    return (np.sign(companded) * ((1.0 + mu) ** np.abs(companded) - 1.0) / mu).astype(np.float32)
