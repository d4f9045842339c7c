"""How loud presets are, dry: as a whole, key by key and stroke by stroke; and the parameters that make them alike.

Everything is played by the synth, as live, one note after the other; a preset's own gain and trim are heard.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy import signal

from engine.commands import NoteOff, NoteOn
from engine.decoder.protocol import Decoder
from engine.parameters import TABLE, Param
from engine.synth import Synth
from engine.voice.envelope import velocity_gain
from engine.voice.sound import Sound
from presets.pad import POINTS, corner_weights
from presets.preset import Preset

RATE = 48000
TARGET_LUFS = -26.0  # of five notes in the middle of the keyboard
NOTES, VELOCITY = (48, 54, 60, 66, 72), 100
MIDDLE, LOW = 60, (24, 36)
SOFT, HARD = 20, 127
HELD_S, REST_S = 1.5, 0.5
WITHIN_DB = 5.0  # of middle C, that low keys are brought to
SOFTEST_DB = -26.0  # of SOFT beside HARD, at middle C
_STEEPEST_DB, _STEP_DB = -12.0, 0.5  # an octave
_ABSOLUTE_GATE_LUFS = -70.0

Stroke = tuple[int, int]  # key, velocity


@dataclass(frozen=True)
class Loudness:
    """lufs : of NOTES; mono_db : of both sides' mean beside the sides; side_db : what differs beside what they share
    low_db : of each LOW key beside middle C; soft_db : of the stroke SOFT beside HARD
    """

    name: str
    lufs: float
    mono_db: float
    side_db: float
    low_db: tuple[float, ...]
    soft_db: float


def measure(preset: Preset, decoder: Decoder) -> Loudness:
    """Of a preset where its pad stands."""
    sound = Sound.from_preset(preset, decoder.config)
    notes = played(sound, decoder, [(key, VELOCITY) for key in NOTES])
    whole, mean, half = lufs(notes), _mono(notes @ (0.5, 0.5)), _mono(notes @ (0.5, -0.5))
    return Loudness(preset.name, whole, mean - whole, half - mean, _low(sound, decoder), _soft(sound, decoder))


def balanced(preset: Preset, decoder: Decoder) -> Preset:
    """The preset at TARGET_LUFS where its pad stands; its low keys are as loud as middle C, within WITHIN_DB.

    Measured at the corners, too: one slope below the lowest stored keys serves all of the pad as well as it can. Where
    brightness takes so much of soft strokes that they would be lost, the velocity curve is flatter.
    """
    raw = replace(preset, parameters=preset.parameters | {"low_key_db": 0.0, "trim_db": 0.0})
    places = [replace(raw, pad=pad) for pad in (raw.pad, *POINTS)]
    found = [_low(Sound.from_preset(each, decoder.config), decoder) for each in places]
    octaves = [[_octaves_below(each, key) for key in LOW] for each in places]
    low_key_db = _slope(np.array(found), np.array(octaves))
    levelled = replace(raw, parameters=raw.parameters | {"low_key_db": low_key_db})
    levelled = replace(levelled, parameters=levelled.parameters | {"velocity_curve": _curve(levelled, decoder)})
    trim_db = TARGET_LUFS - _whole(Sound.from_preset(levelled, decoder.config), decoder)
    trim_db = TABLE[Param.TRIM_DB].clamp(round(trim_db, 1))
    return replace(levelled, parameters=levelled.parameters | {"trim_db": trim_db})


def lufs(audio: np.ndarray) -> float:
    """Integrated loudness, gated. audio : (frames, channels), at RATE.

    Source: ITU-R BS.1770-4, whose coefficients are those for RATE.
    """
    shelf = [1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241, 0.73248077421585]
    high = [1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621]
    weighted = signal.sosfilt(np.array([shelf, high]), audio, axis=0)
    block, hop = RATE * 4 // 10, RATE // 10
    starts = range(0, len(weighted) - block + 1, hop)
    power = np.array([np.square(weighted[at : at + block]).mean(0).sum() for at in starts])
    loud = power[power > 10 ** ((_ABSOLUTE_GATE_LUFS + 0.691) / 10)]
    loud = loud[loud > 0.1 * loud.mean()] if loud.size else loud
    return float(-0.691 + 10 * np.log10(loud.mean())) if loud.size else _ABSOLUTE_GATE_LUFS


def table(presets: Iterable[Preset], decoder: Decoder) -> Iterator[str]:
    """Lines of Markdown: a row each, and what the spread is."""
    low = " | ".join(f"key {key}, dB beside C4" for key in LOW)
    yield f"| preset | LUFS | in mono, dB | sides, dB | {low} | velocity {SOFT} beside {HARD}, dB |"
    yield "| --- |" + " --- |" * (len(LOW) + 4)
    found = []
    for preset in presets:
        each = measure(preset, decoder)
        found.append(each)
        low = " | ".join(f"{db:+.1f}" for db in each.low_db)
        sides = f"{each.mono_db:+.1f} | {each.side_db:.0f}"
        yield f"| {each.name} | {each.lufs:.1f} | {sides} | {low} | {each.soft_db:.1f} |"
    levels, lows = np.array([each.lufs for each in found]), np.abs([each.low_db for each in found])
    yield (
        f"\n{len(found)} presets: {levels.min():.1f} to {levels.max():.1f} LUFS, {np.ptp(levels):.1f} LU apart;"
        f" low keys at most {lows.max():.1f} dB from C4"
    )


def played(sound: Sound, decoder: Decoder, strokes: list[Stroke]) -> np.ndarray:
    """float32 (frames, 2) at RATE: the strokes one after the other, each held for HELD_S, then REST_S."""
    synth, rate = Synth(decoder, RATE, 1, mapping=False), decoder.config.rate
    synth.load(sound)
    for place, (key, velocity) in enumerate(strokes):
        start = place * (HELD_S + REST_S)
        synth.handle(NoteOn(key, velocity), round(start * rate))
        synth.handle(NoteOff(key), round((start + HELD_S) * rate))
    audio = np.zeros((round(len(strokes) * (HELD_S + REST_S) * RATE), 2), np.float32)
    synth.render(audio)
    return audio


def _mono(audio):
    """LUFS of the same on both sides. audio : (frames,)"""
    return lufs(np.stack([audio, audio], axis=1))


def _whole(sound, decoder):
    return lufs(played(sound, decoder, [(key, VELOCITY) for key in NOTES]))


def _each(sound, decoder, strokes):
    """LUFS of every stroke by itself."""
    return [lufs(part) for part in np.split(played(sound, decoder, strokes), len(strokes))]


def _soft(sound, decoder):
    """Of the stroke SOFT beside HARD, at middle C."""
    soft, hard = _each(sound, decoder, [(MIDDLE, SOFT), (MIDDLE, HARD)])
    return soft - hard


def _low(sound, decoder):
    """Of each low key beside middle C."""
    middle, *low = _each(sound, decoder, [(MIDDLE, VELOCITY), *((key, VELOCITY) for key in LOW)])
    return tuple(level - middle for level in low)


def _curve(preset, decoder):
    """The preset's own velocity curve, or the flatter one with which SOFT is at SOFTEST_DB."""
    sound = Sound.from_preset(preset, decoder.config)
    curve, soft_db = sound.parameters[Param.VELOCITY_CURVE], _soft(sound, decoder)
    full_db = 20 * np.log10(velocity_gain(HARD, 1.0) / velocity_gain(SOFT, 1.0))
    flatter = curve - max(SOFTEST_DB - soft_db, 0.0) / full_db
    return TABLE[Param.VELOCITY_CURVE].clamp(round(float(flatter), 2))


def _octaves_below(preset, key):
    """How far a key lies below the lowest stored ones, as the corners weigh where the pad stands."""
    below = [max(corner.pitches[0] - key, 0) / 12 for corner in preset.corners]
    return float(np.dot(corner_weights(*preset.pad), below))


def _slope(found_db, octaves):
    """dB an octave: the least that brings all within WITHIN_DB, or as near to it as any. (places, keys) each"""
    slopes = -np.arange(0.0, -_STEEPEST_DB + _STEP_DB, _STEP_DB)
    worst = np.array([(found_db + slope * octaves).max() for slope in slopes])
    return float(slopes[np.argmax(worst <= max(WITHIN_DB, worst.min() + _STEP_DB))])
