"""How the latents of a sound are stored: in as few bytes as lose nothing.

The first channels, as many as hold only whole 32nds between -4 and 4, take int8: a timbre of variance 1 that was
`rounded`. Where they go in straight lines from every fourth frame to the next, only these frames are stored.
The rest of the channels take float16 where every value survives it, else float32.
"""

from collections.abc import Sequence

import numpy as np

DTYPES: dict[str, np.dtype] = {"I8": np.dtype("i1"), "F16": np.dtype("<f2"), "F32": np.dtype("<f4")}
STEPS = 32  # of 1
GREATEST = 127  # steps
KNOT_FRAMES = 4  # from one to the next


def rounded(latents, rounding: Sequence[int]):
    """The same in less room: the first channels in straight lines between every fourth frame, the others to half
    precision.

    latents, returned : float32 (..., frames, latent)
    rounding : to how many 32nds each of the first channels is rounded
    """
    coarse, size = len(rounding), np.array(rounding)
    frames = latents.shape[-2]
    lines = _filled(np.eye(stored_frames(frames)), frames)
    knots = np.linalg.pinv(lines) @ latents[..., :coarse]  # least squares
    steps = np.rint(knots * STEPS / size) * size
    steps = np.clip(steps, -GREATEST, GREATEST) + 0.0  # no negative zero
    fine = latents[..., coarse:].astype(np.float16)
    return np.concatenate([_filled(steps / STEPS, frames), fine], -1, dtype=np.float32)


def stored_frames(frames):
    """How many knots there are in so many frames."""
    return -(-frames // KNOT_FRAMES)


def stored(latents):
    """[(name of the dtype, array)], one or two parts of the channels. latents : float32 (..., frames, latent)"""
    knots = latents[..., ::KNOT_FRAMES, :]
    coarse, kept = _coarse(knots), knots
    lines = _filled(knots[..., :coarse], latents.shape[-2])
    if coarse == latents.shape[-1] or lines.tobytes() != latents[..., :coarse].tobytes():
        coarse, kept = _coarse(latents), latents
    parts = []
    if coarse:
        parts.append(("I8", (kept[..., :coarse] * STEPS).astype(DTYPES["I8"])))
    if coarse < latents.shape[-1]:
        parts.append(_floats(latents[..., coarse:]))
    return parts


def restored(parts):
    """float32 (..., frames, latent) of the arrays of `stored`; the last one has all frames."""
    frames = parts[-1].shape[-2]
    floats = [part / np.float32(STEPS) if part.dtype == DTYPES["I8"] else part for part in parts]
    return np.concatenate(
        [part if part.shape[-2] == frames else _filled(part, frames) for part in floats], -1, dtype=np.float32
    )


def unpacked_bytes(shapes):
    """What `restored` makes of parts of these shapes: knots become four times as many frames of four times the size."""
    pitches, velocities, frames, _ = shapes[-1]
    return 4 * pitches * velocities * frames * sum(channels for *_, channels in shapes)


def agree(shapes):
    """Whether parts of these shapes, (pitches, velocities, frames, channels) each, make one sound.

    They differ in their channels alone; one before the last may have only the knots of the last one's frames.
    """
    frames = shapes[-1][2]
    whole = {
        (pitches, velocities, frames if some == stored_frames(frames) else some)
        for pitches, velocities, some, _ in shapes
    }
    return len(whole) == 1


def _filled(knots, frames):
    """So many frames in straight lines through the knots, the first of every KNOT_FRAMES; the last one is held."""
    place, last = np.arange(frames), knots.shape[-2] - 1
    before = place // KNOT_FRAMES
    share = np.float32(1 / KNOT_FRAMES) * (place % KNOT_FRAMES)[:, None].astype(np.float32)
    return (1 - share) * knots[..., before, :] + share * knots[..., np.minimum(before + 1, last), :]


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
