"""How the latents of a sound are stored: in as few bytes as lose nothing.

The first channels, as many as hold only whole 32nds between -4 and 4, take int8: a timbre of variance 1 that was
`rounded`. The others take float16 where every value survives it, else float32.
"""

import numpy as np

DTYPES = {"I8": np.dtype("i1"), "F16": np.dtype("<f2"), "F32": np.dtype("<f4")}
STEPS = 32  # of 1
GREATEST = 127  # steps


def rounded(latents, timbre):
    """The same in less room: so many channels of timbre to the nearest 32nd, the finer ones to half precision.

    latents, returned : float32 (..., latent)
    """
    steps = np.clip(np.rint(latents[..., :timbre] * STEPS), -GREATEST, GREATEST) + 0.0  # no negative zero
    return np.concatenate([steps / STEPS, latents[..., timbre:].astype(np.float16)], -1, dtype=np.float32)


def stored(latents):
    """[(name of the dtype, array)], one or two parts of the channels. latents : float32 (..., latent)"""
    coarse = _coarse(latents)
    parts = []
    if coarse:
        parts.append(("I8", (latents[..., :coarse] * STEPS).astype(DTYPES["I8"])))
    if coarse < latents.shape[-1]:
        parts.append(_floats(latents[..., coarse:]))
    return parts


def restored(parts):
    """float32 (..., latent) of the arrays of `stored`."""
    floats = [part / np.float32(STEPS) if part.dtype == DTYPES["I8"] else part for part in parts]
    return np.concatenate(floats, -1, dtype=np.float32)


def _coarse(latents):
    """How many channels, from the first on, are whole steps throughout."""
    with np.errstate(over="ignore"):
        steps = latents * np.float32(STEPS)
    whole = (steps == np.rint(steps)) & (np.abs(steps) <= GREATEST) & ~(np.signbit(steps) & (steps == 0))
    return int(np.argmin(np.append(whole.reshape(-1, latents.shape[-1]).all(0), False)))


def _floats(latents):
    with np.errstate(over="ignore"):
        half = latents.astype(DTYPES["F16"])
    return ("F16", half) if np.array_equal(half, latents) else ("F32", latents.astype(DTYPES["F32"]))
