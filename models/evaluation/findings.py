"""What the figures come to: every measure of the table as a text and whether it meets its goal."""

from dataclasses import dataclass

import numpy as np

from models.evaluation.comparison import Comparison, by_instrument

IN_TUNE_CENTS = 5.0
SHARE_POINTS = 3.0
FLOOR_DB = 6.0
TOLERANCE = 0.2  # of attack, decay and release
SLACK = {"attack_s": 0.01, "decay_db_per_s": 1.0, "release_s": 0.02}  # nobody hears less, and the curve blurs it
DRIFT_DB, BURST_DB, DIP_DB, COLOUR_DB = 1.0, 6.0, 6.0, 1.0
STROKE_DB = (-45.0, -3.0)  # lowest and highest level of a stroke at full velocity
VELOCITY_DB = 6.0  # from the softest to the hardest stroke, beside what the velocity does to the level


@dataclass(frozen=True)
class Finding:
    """text : for the table; met : whether the goal is; value : the figure that decided"""

    text: str
    met: bool
    value: float


def pitch(comparisons: list[Comparison]):
    """Notes within IN_TUNE_CENTS of their key."""
    return in_tune([comparison.played.cents for comparison in comparisons], 0.99)


def in_tune(cents, goal=1.0):
    """Share within IN_TUNE_CENTS; silence counts as off."""
    off = np.abs(cents)
    share = float(np.mean(off <= IN_TUNE_CENTS))
    worst = "silence" if np.isnan(off).any() else f"{off.max():.1f}"
    return Finding(
        f"{100 * share:.1f} % of {len(off)} (median {np.nanmedian(off):.2f}, worst {worst})", share >= goal, share
    )


def harmonics(comparisons):
    """Instruments whose mean share of energy at the harmonics is the recordings' within SHARE_POINTS."""
    off = [
        100 * np.mean([c.played.harmonic_share - c.recorded.harmonic_share for c in members])
        for members in by_instrument(comparisons).values()
    ]
    share = float(np.mean(np.abs(off) <= SHARE_POINTS))
    return Finding(f"{100 * share:.0f} % of {len(off)} (median {np.median(off):+.1f})", share >= 0.9, share)


def noise_floor(comparisons):
    """Median of how far the level between the harmonics is from the recording's, instrument by instrument."""
    off = [
        np.median([c.played.floor_db - c.recorded.floor_db for c in members])
        for members in by_instrument(comparisons).values()
    ]
    share, value = np.mean(np.abs(off) <= FLOOR_DB), float(np.median(np.abs(off)))
    text = f"{value:.1f} dB off ({np.median(off):+.1f}); {100 * share:.0f} % of {len(off)} within {FLOOR_DB:.0f}"
    return Finding(text, value <= FLOOR_DB, value)


def spectrum(comparisons):
    """Median of the distance to the own recording over that to the nearest other instrument's."""
    ratios = [c.own_db / c.nearest_db for c in comparisons if np.isfinite(c.nearest_db)]
    value = float(np.median(ratios))
    own = np.median([c.own_db for c in comparisons if np.isfinite(c.nearest_db)])
    nearer = 100 * np.mean(np.array(ratios) < 1)
    return Finding(f"{value:.2f} ({own:.1f} dB; nearest to the own one: {nearer:.0f} %)", value <= 0.5, value)


def identity(on_played, on_recordings):
    """Accuracy of the family classifier on what was played, beside the recordings."""
    value = on_played / on_recordings
    return Finding(f"{100 * on_played:.1f} of {100 * on_recordings:.1f} %", value >= 0.95, value)


def envelope(field):
    """A finding of one field of Envelope: the median deviation, and the share of notes within TOLERANCE."""

    def find(comparisons):
        pairs = [
            (getattr(c.played.envelope, field), getattr(c.recorded.envelope, field)) for c in comparisons if c.recorded
        ]
        played, recorded = np.array([pair for pair in pairs if np.isfinite(pair[1])]).T
        off = np.abs(played - recorded)
        allowed = np.maximum(TOLERANCE * np.abs(recorded), SLACK[field])
        share, value = np.mean(off <= allowed), float(np.nanmedian(off / allowed) * TOLERANCE)
        return Finding(
            f"{100 * value:.0f} % ({100 * share:.0f} % of {len(off)} notes within)", value <= TOLERANCE, value
        )

    return find


def morph_level(morphs):
    """Level within 3 dB of the ends."""
    return _all([m.outside_db <= 3 for m in morphs], f"worst {max(m.outside_db for m in morphs):.1f} dB outside")


def morph_pitch(morphs):
    """In tune."""
    return in_tune([m.cents for m in morphs])


def morph_identity(morphs):
    """Between the ends, and no mere mix of both."""
    mix, apart = (np.median([getattr(m, field) for m in morphs]) for field in ("to_mix_db", "apart_db"))
    nearest = np.median([min(m.to_one_db, m.to_other_db) for m in morphs])
    text = f"to the mix {mix:.1f} dB, to the nearer end {nearest:.1f}, ends {apart:.1f} apart"
    return _all([m.between for m in morphs], text)


def held(stabilities):
    """No drift, burst, silence or change of colour."""
    kept = [
        abs(s.drift_db) <= DRIFT_DB and s.burst_db <= BURST_DB and s.dip_db >= -DIP_DB and s.colour_db <= COLOUR_DB
        for s in stabilities
    ]
    worst = {
        name: max((abs(getattr(s, name)) for s in stabilities), key=lambda x: np.inf if np.isnan(x) else x)
        for name in ("drift_db", "burst_db", "dip_db", "colour_db")
    }
    words = ", ".join(f"{name.removesuffix('_db')} {value:.1f}" for name, value in worst.items())
    return _all(kept, f"worst in dB: {words}")


def pad_points(strokes):
    """Neither silent nor too loud, wherever the pad is."""
    low, high = STROKE_DB
    fine = [low <= s.level_db <= high and s.peak < 1 for s in strokes]
    tuned = np.mean([abs(s.cents) <= IN_TUNE_CENTS for s in strokes])
    levels = [s.level_db for s in strokes]
    return _all(fine, f"{min(levels):.0f} to {max(levels):.0f} dB, {100 * tuned:.0f} % in tune")


def velocities(strokes):
    """From the softest to the hardest stroke, level follows the velocity and nothing else."""
    levels: dict[str, list[float]] = {}
    for s in strokes:
        levels.setdefault(s.name, []).append(s.level_db)
    spans = [max(values) - min(values) for values in levels.values()]
    return _all([span <= VELOCITY_DB for span in spans], f"at most {max(spans):.1f} dB from the curve")


def octaves(accuracy, on_recordings):
    """One embedding is the same family over three octaves."""
    return Finding(
        f"{100 * accuracy:.1f} % (recordings {100 * on_recordings:.1f})", accuracy >= 0.95 * on_recordings, accuracy
    )


def pitch_in_embedding(on_embedding, on_spectrum, goal):
    """A linear classifier cannot read the pitch."""
    return Finding(f"{100 * on_embedding:.1f} % (log-mel {100 * on_spectrum:.1f})", on_embedding <= goal, on_embedding)


def _all(fine, text):
    share = float(np.mean(fine))
    return Finding(f"{100 * share:.0f} % of {len(fine)} ({text})", share == 1, share)
