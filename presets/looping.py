"""Make a playable sound of encoded notes: where it loops while the key is held, and how it fades by itself.

A steady sound loops through the second half of its held part, so that it stays alive. One that decays plays all that
was recorded of it and loops at its end, where the level goes on falling in a straight line. The loop itself is level:
to and fro through it, only what is faster than its line is heard.

Where the latents tell no level, that of the recordings says where to loop. Then nothing can be made level: what decays
loops at its end, in so few frames that going to and fro through them is no swell.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from presets.preset import EmbeddingSet

LOOP_START, LOOP_END = 0.45, 0.95  # share of the held frames: past the attack, short of the release
MARGIN_FRAMES = 2  # at least as much short of it: an encoder's frame sees its neighbours
DECAYING_SHARE, DECAYING_S = 0.25, 0.3  # of a sound that decays only its last part loops, long enough for a tremolo
STEADY_DB_PER_S = 3.0  # a slope up to this is the player's breath, not a decay
SETTLED_DB = 3.0  # below its loudest a note is past its attack
HEARD_DB = 40.0  # below its loudest a frame is too faint to tell timbre or decay
FAINT_DB = -57.0  # and so is one below this: what encoders fit (models.encoding.fit.HEARD_DB)
SILENT_DB = -60.0  # a release ends here: an encoder hears nothing below
LIVELY_DB = 6.0  # greatest deviation from the line: a tremolo, but no second note
SWELL_DB = 1.0  # by which a loop that cannot be made level may rise and fall


@dataclass(frozen=True)
class Row:
    """One encoded note of a sound.

    latents : float32 (frames, latent); levels_db : (frames,) of its recording, relative to the reference
    held : frames until the release, as many as there are where none was recorded
    """

    latents: np.ndarray
    levels_db: np.ndarray
    held: int

    @property
    def released(self) -> bool:
        return self.held < len(self.latents)


def looped_rows(name, rows: Sequence[Row], pitches, held_frames, frames_per_s, velocity, loudness):
    """EmbeddingSet of notes of different lengths, a pitch each, at one velocity.

    Each is held for `held_frames`: a longer one is cut there, a shorter one goes on through its own loop. The releases
    go on in their last frames until the longest is over.
    """
    ways = [_way(row, held_frames, frames_per_s) for row in rows]
    frames = max(map(len, ways))
    ways = [np.pad(way, (0, frames - len(way)), mode="edge") for way in ways]
    latents = np.stack([row.latents[way] for row, way in zip(rows, ways, strict=True)])[:, None]
    levels_db = np.stack([row.levels_db[way] for row, way in zip(rows, ways, strict=True)])
    return looped(name, latents, pitches, (velocity,), held_frames, frames_per_s, loudness, levels_db)


def _way(row, held, frames_per_s):
    """Which frame of a note to take for each of the sound's: int (frames,)."""
    frames = np.arange(held)
    if held > row.held:
        frames = folded(frames, *loop_by_level(row.levels_db[None], row.held, frames_per_s))
    return np.concatenate([frames, np.arange(row.held, len(row.latents))])


def folded(frames, first, last):
    """As a held note goes through its loop: forward to `last`, then to and fro."""
    length = last - first
    past = (frames - last) % (2 * length) if length else np.zeros_like(frames)
    return np.where(frames <= last, frames, last - np.minimum(past, 2 * length - past))


def loop_by_level(levels_db, held, frames_per_s):
    """(first, last) frame of the loop of notes held for so many frames. levels_db : (notes, frames)"""
    heard = _heard(levels_db)
    last = _loop_end(int(np.flatnonzero(heard[:, :held].any(0))[-1]) + 1 if heard[:, :held].any() else 1)
    first, decay = _loop_start(levels_db, heard, last, frames_per_s)
    if decay < 0:
        first = max(first, last - int(SWELL_DB * frames_per_s / -decay))
    return first, last


def looped(name, latents, pitches, velocities, held_frames, frames_per_s, loudness=True, levels_db=None):
    """EmbeddingSet of one sound, looped inside the held part.

    latents : float32 (pitches, velocities, frames, latent) of notes held for `held_frames`; with as many frames, or
        with notes that are silent by then, no release was recorded: the latents end with the loop
    loudness : the last channel is a level in dB; its slope in the loop is taken out and kept as decay_db_per_s
    levels_db : (notes, frames) of the recordings, where it is not
    """
    latents = np.array(latents, np.float32, order="C")  # so that what is done to its notes is done to it
    held, decay = min(held_frames, latents.shape[2]), 0.0
    if loudness:
        notes = latents.reshape(-1, *latents.shape[2:])  # a view
        heard = _heard(notes[..., -1])
        _hold_timbre(notes, heard)
        last = _loop_end(int(np.flatnonzero(heard[:, :held].any(0))[-1]) + 1 if heard[:, :held].any() else 1)
        first, decay = _loop_start(notes[..., -1], heard, last, frames_per_s)
        _level(notes[..., -1], heard, first, last)
        released = held < latents.shape[2] and heard[:, held - 1].any()
        latents = latents[:, :, : max(_sounding(notes[..., -1]), held)]
    elif levels_db is not None:
        first, last = loop_by_level(levels_db, held, frames_per_s)
        released = held < latents.shape[2] and _heard(levels_db)[:, held - 1].any()
        latents = latents[:, :, : max(_sounding(levels_db), held)]
    else:
        last = _loop_end(held)
        first, released = min(round(LOOP_START * held), last), held < latents.shape[2]
    if not released:
        latents = latents[:, :, : last + 1]
    release = held if released else last + 1
    return EmbeddingSet(name, latents, tuple(pitches), tuple(velocities), (first, last), release, decay)


def _sounding(levels_db):
    """Frames up to the first one in which every note is silent for good. levels_db : (notes, frames)"""
    audible = np.flatnonzero((levels_db > SILENT_DB).any(0))
    return audible[-1] + 2 if len(audible) else 1


def _heard(levels_db):
    """bool (notes, frames): loud enough to tell something. levels_db : (notes, frames)"""
    return levels_db > np.maximum(levels_db.max(1, keepdims=True) - HEARD_DB, FAINT_DB)


def _hold_timbre(notes, heard):
    """Frames that are too faint to have a timbre take that of the last one that had, those before it the first's."""
    for note, clear in zip(notes, heard, strict=True):
        if clear.any():
            source = np.maximum.accumulate(np.where(clear, np.arange(len(clear)), np.argmax(clear)))
            note[:, :-1] = note[source, :-1]


def _loop_end(frames):
    """Last frame of the loop of a sound that can be used for so many frames."""
    return max(min(round(LOOP_END * frames), frames - 1 - MARGIN_FRAMES), 0)


def _loop_start(levels_db, heard, last, frames_per_s):
    """(first frame of the loop, dB per second by which the sound fades: 0 or negative)."""
    audible = levels_db[heard[:, : last + 1].any(1), : last + 1]
    if not len(audible):
        return last, 0.0
    settled = int(np.argmax(audible > audible.max(1, keepdims=True) - SETTLED_DB, axis=1).max())
    decay = frames_per_s * _slope(levels_db, heard, settled, last)
    if decay > -STEADY_DB_PER_S:
        return min(max(settled, round(LOOP_START * last)), last), 0.0
    length = max(round(DECAYING_SHARE * (last - settled)), round(DECAYING_S * frames_per_s))
    first = max(settled, last - length, 0)
    return first, min(frames_per_s * _slope(levels_db, heard, first, last), 0.0)


def _slope(levels_db, heard, first, last):
    """Median of the notes' slopes, dB per frame, over the frames of first ... last in which each is heard."""
    slopes = [_line(note, clear, first, last)[0] for note, clear in zip(levels_db, heard, strict=True)]
    lasting = [slope for slope in slopes if slope is not None]
    return float(np.median(lasting)) if lasting else 0.0


def _line(note_db, heard, first, last):
    """(dB per frame, level at `first`) of one note, straight through what is heard; (None, None) of hardly anything."""
    frames = first + np.flatnonzero(heard[first : last + 1])
    if len(frames) < 2:
        return None, None
    slope, level = np.polyfit(frames - first, note_db[frames], 1)
    return float(slope), float(level)


def _level(levels_db, heard, first, last):
    """Take each note's line out of its level, from the loop's start on, and bound what is left inside the loop."""
    steps = np.clip(np.arange(levels_db.shape[1]), first, last) - first
    inside = slice(first, last + 1)
    for note, clear in zip(levels_db, heard, strict=True):
        slope, level = _line(note, clear, first, last)
        if slope is not None:
            note -= slope * steps
            note[inside] = np.clip(note[inside], level - LIVELY_DB, level + LIVELY_DB)
