"""Notes -> the embeddings of which the decoder plays them as they were recorded.

What the encoder and its fit to the spectrum leave open is put right by playing. The spread is scaled until as much of
the sound lies in steady lines as in the recording. The level is corrected frame by frame: played by its mean the
network is softer where the recording is noisy, the level was measured under windows that blur attacks, and what is too
faint to be encoded is not silent by itself.
"""

import numpy as np

from models.analysis.harmonics import SPREAD_LIMIT_CENTS, line_share
from models.analysis.partials import Partials
from models.encoding.clips import decode_clips
from models.encoding.fit import encode_note

SPREADS = (0.4, 1.0, 2.0, 4.0)  # times the tracked one, of which each note is played
RELUCTANCE = 0.05  # to change it: of the share in steady lines, for each factor of e
SETTLED_DB, SETTLING_S = 1.0, 0.05  # within so much of its loudest, and so long after it, a note is past its attack
FADED_DB, CALM_S = 40.0, 0.1  # and steady until it is so faint, or so short before the release
SHORTEST_STEADY_S = 0.5  # that can tell lines from beating
LEVELLINGS = (0,), (1, 2)  # seeds with which notes are played: twice, as frames overlap; with several, as voices beat
CORRECTION_DB = 12.0  # greatest, each time
FAINT_DB = -50.0  # frames further below the loudest are not lifted, but lowered as far as they need


def encode_notes(model, decoder, sounds, f0_hz, held):
    """Embeddings of notes of known pitch and one length.

    model : see `encode_note`; decoder : engine.decoder.Decoder of its weights, with as many voices or more; not
        needed where the config has neither motion nor loudness
    sounds : float32 (notes, samples) at its rate, at least one hop long; f0_hz : (notes,)
    held : samples until the release
    returns : float32 (notes, frames, latent)
    """
    config = model.config
    latents = np.stack([encode_note(model, sound, hz, held) for sound, hz in zip(sounds, f0_hz, strict=True)])
    if config.motion:
        spread = latents[..., config.spread]
        spread[:] = _widened(spread, matching_spread(decoder, latents, sounds, f0_hz, held)[:, None])
    recorded_db = _levels_db(config, sounds, f0_hz)
    for seeds in LEVELLINGS if config.loudness else ():
        latents[..., -1] += _missing_db(decoder, latents, recorded_db, f0_hz, seeds)
    return latents


def matching_spread(decoder, latents, sounds, f0_hz, held):
    """float (notes,): times which spread the decoder plays as much in steady lines as the recordings have there.

    Within SPREADS, and near 1 where it makes no difference; 1 where the notes are too short to tell.
    """
    config, rate = decoder.config, decoder.config.rate
    steady = _steady(config, sounds, f0_hz, held)
    if not steady:
        return np.ones(len(latents))

    def shares(audio):
        partials = {n: Partials(f0_hz[n], latents[n, 0, config.stretch]) for n in steady}
        return np.array([line_share(audio[n, part], partials[n], rate) for n, part in steady.items()])

    frames = -(-max(part.stop for part in steady.values()) // config.hop)
    played = []
    for times in SPREADS:
        moved = latents[:, :frames].copy()
        moved[..., config.spread] = _widened(moved[..., config.spread], times)
        played.append(shares(decode_clips(decoder, moved, f0_hz, temperature=0.0, seed=0)))
    tried = np.linspace(*np.log([SPREADS[0], SPREADS[-1]]), 101)
    between = np.array([np.interp(tried, np.log(SPREADS), note) for note in np.transpose(played)])
    wrong = (between - shares(sounds)[:, None]) ** 2 + (RELUCTANCE * tried) ** 2
    found = np.ones(len(latents))
    found[list(steady)] = np.exp(tried[np.argmin(wrong, 1)])
    return found


def _steady(config, sounds, f0_hz, held):
    """{note: slice of its samples between attack and release}, of those that are long enough there to tell."""
    levels_db = _levels_db(config, sounds[:, :held], f0_hz)
    levels_db -= levels_db.max(1, keepdims=True)
    latest = min(held, sounds.shape[1]) - round(CALM_S * config.rate)
    found = {}
    for n, note_db in enumerate(levels_db):
        first = int(np.argmax(note_db > -SETTLED_DB)) * config.hop + round(SETTLING_S * config.rate)
        last = min(int(np.flatnonzero(note_db > -FADED_DB)[-1]) * config.hop, latest)
        if last - first >= SHORTEST_STEADY_S * config.rate:
            found[n] = slice(first, last)
    return found


def _widened(spread_cents, times):
    """So many times the spread, where it is not as wide as is allowed."""
    return np.minimum(spread_cents * times, np.maximum(spread_cents, SPREAD_LIMIT_CENTS))


def _missing_db(decoder, latents, recorded_db, f0_hz, seeds):
    """What the played level lacks in every frame, in the mean over these seeds; no more than less where it is faint.

    latents : (notes, frames, latent); recorded_db : (notes, frames)
    """
    played = (decode_clips(decoder, latents, f0_hz, temperature=0.0, seed=seed) for seed in seeds)
    played_db = np.mean([_levels_db(decoder.config, audio, f0_hz) for audio in played], 0)
    missing_db = recorded_db - played_db
    heard = recorded_db > recorded_db.max(1, keepdims=True) + FAINT_DB
    clipped = np.clip(missing_db, -CORRECTION_DB, CORRECTION_DB)
    return np.where(heard, clipped, np.minimum(missing_db, 0.0)).astype(np.float32)


def _levels_db(config, sounds, f0_hz):
    """rms under a Hann window around the centre of each frame: of two hops, or as many as two periods need.

    sounds (notes, samples), f0_hz (notes,) -> (notes, frames)
    """
    return np.array([_level_db(note, config.hop, _hops(config, hz)) for note, hz in zip(sounds, f0_hz, strict=True)])


def _hops(config, f0_hz):
    return 2 * max(1, int(np.ceil(config.rate / f0_hz / config.hop)))


def _level_db(note, hop, hops):
    before = (hops - 1) * hop // 2
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(note, (before, hops * hop)), hops * hop)[::hop]
    power = (windows[: len(note) // hop] ** 2 * np.hanning(hops * hop)).mean(1)
    return 10 * np.log10(power + 1e-12)
