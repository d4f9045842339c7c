"""Make a playable sound of encoded notes: where it loops while the key is held, and how it fades by itself."""

import numpy as np

from presets.preset import EmbeddingSet

LOOP_START, LOOP_END = 0.45, 0.95  # share of the held frames: past the attack, short of the release
STEADY_DB_PER_S = 1.5  # a slope up to this is the player's breath, not a decay
FASTEST_DB_PER_S = 60.0
SILENT_DB = -55.0  # loudness below which a frame tells nothing about the decay


def looped(name, latents, pitches, velocities, held_frames, frames_per_s, loudness=True):
    """EmbeddingSet of one sound, looped inside the held part.

    latents : float32 (pitches, velocities, frames, latent) of notes held for `held_frames`
    loudness : the last channel is a level in dB; its slope in the loop is taken out and kept as decay_db_per_s
    """
    first, last = round(LOOP_START * held_frames), round(LOOP_END * held_frames)
    latents, decay = np.array(latents, np.float32), 0.0
    if loudness:
        decay = _decay(latents[..., first : last + 1, -1], frames_per_s)
        seconds = (np.clip(np.arange(latents.shape[2]), first, held_frames) - first) / frames_per_s
        latents[..., -1] -= (decay * seconds).astype(np.float32)
    return EmbeddingSet(name, latents, tuple(pitches), tuple(velocities), (first, last), held_frames, decay)


def _decay(loudness_db, frames_per_s):
    """dB per second (0 or negative): the median slope of the notes that are heard throughout the loop."""
    frames = loudness_db.shape[-1]
    notes = loudness_db.reshape(-1, frames)
    heard = notes[notes.min(1) > SILENT_DB]
    if not len(heard):
        return 0.0
    slope = float(np.median(np.polyfit(np.arange(frames) / frames_per_s, heard.T, 1)[0]))
    return 0.0 if slope > -STEADY_DB_PER_S else max(slope, -FASTEST_DB_PER_S)
