"""One key's notes, as they were played, -> recordings at an even level and one phase, with a loop without a seam."""

import numpy as np
from scipy.signal import lfilter

from common.pitch import key_hz
from common.smoothing import one_pole
from engine.decoder.frozen.reading import REACH, read
from engine.decoder.protocol import LOUDNESS_MS
from engine.offline.freeze.plan import Plan
from models.excitation import CENTS, MOTION_MS

_WINDOW_TICKS = 8  # over which a level is measured, half of them before its tick
_FLOOR_DB = -100.0
_BEYOND = 2 * REACH  # samples behind a loop's end that may be read
_GREATEST = np.iinfo(np.int16).max

Formed = dict[str, np.ndarray]  # the tensors of models.frozen.frozen_shapes, of one key


def form(audio: np.ndarray, fall_db: np.ndarray, cents: np.ndarray, key: float, plan: Plan) -> Formed:
    """The recordings of one key.

    audio : float32 (points, samples)
    fall_db : float32 (points, ticks), level that the frozen preset adds when it plays
    cents : float32 (points, ticks), how far the notes are off their key, such as by vibrato
    """
    config = plan.config
    period = config.rate / key_hz(key)
    even = audio / _per_sample(10.0 ** (fall_db / 20.0), LOUDNESS_MS, config)
    levels = _levels_db(even, config.tick)
    even = even / 10.0 ** (_between_ticks(levels, config) / 20.0)
    warps = np.array([_warp(_phases(row, config), period, config) for row in cents])
    start, length = plan.loop[0], _whole_periods(plan.loop[1], period)
    if not config.aligned:
        length = _most_alike(even, start, length, round(period), plan.crossfade)
    for point in range(config.points):
        _close_loop(even[point], levels[point], warps[point], start, length, plan)
    peaks = np.maximum(np.abs(even).max(1), 1e-9).astype(np.float32)
    return {
        "notes": np.rint(even / peaks[:, None] * _GREATEST).astype(np.int16),
        "peaks": peaks,
        "levels": levels,
        "warps": warps,
        "loops": np.array([start, start + length], np.float32),
    }


def _per_sample(values, time_ms, config):
    """float64 (..., samples): values of every tick, followed with this time constant from the first on."""
    step = one_pole(time_ms, config.rate)
    targets = np.repeat(values.astype(np.float64), config.tick, -1)
    return lfilter([step], [1.0, step - 1.0], targets, zi=targets[..., :1] * (1.0 - step))[0]


def _levels_db(audio, tick):
    """float32 (points, ticks + 1): level around the start of every tick, and the end of the last."""
    half = _WINDOW_TICKS // 2 * tick
    energy = np.cumsum(np.pad(audio.astype(np.float64) ** 2, ((0, 0), (1, 0))), axis=1)
    places = np.arange(0, audio.shape[1] + 1, tick)
    first, last = np.maximum(places - half, 0), np.minimum(places + half, audio.shape[1])
    power = (energy[:, last] - energy[:, first]) / (last - first)
    return np.maximum(10.0 * np.log10(power + 1e-30), _FLOOR_DB).astype(np.float32)


def _between_ticks(levels, config):
    """float64 (points, samples): straight lines from tick to tick."""
    share = np.arange(config.tick) / config.tick
    lines = levels[:, :-1, None] + share * np.diff(levels.astype(np.float64))[:, :, None]
    return lines.reshape(len(levels), -1)


def _phases(cents, config):
    """float64 (samples,): the phase of every sample of a note, in samples of its unbent key."""
    speed = np.exp(CENTS * _per_sample(cents, MOTION_MS, config))
    return np.concatenate([[0.0], np.cumsum(speed[:-1])])


def _warp(phases, period, config):
    """float32 (ticks,): where the phase of every tick lies in the recording, less that phase.

    Before the release part the phase is counted from the note's start. In it, it is shifted by the whole periods that
    bring it nearest to the count of samples.
    """
    wanted, places = np.arange(config.ticks) * float(config.tick), np.arange(len(phases), dtype=np.float64)
    warp = np.interp(wanted, phases, places) - wanted
    if config.release:
        ahead = period * np.round((phases[config.release] - config.release) / period)
        after = wanted > config.release - 1.5 * period
        warp[after] = np.interp(wanted[after], phases - ahead, places) - wanted[after]
        phases = phases - ahead
    beyond = np.flatnonzero(wanted > phases[-1])
    warp[beyond] = warp[beyond[0] - 1] if len(beyond) else 0.0
    return warp.astype(np.float32)


def _whole_periods(length, period):
    """About so many samples, in whole periods and as nearly as possible in whole samples."""
    counts = np.arange(max(int(length / period), 1), int(1.05 * length / period) + 2)
    lengths = counts * period
    return int(np.rint(lengths[np.argmin(np.abs(lengths - np.rint(lengths)))]))


def _most_alike(even, start, length, period, crossfade):
    """The length, at most a period longer, at which the notes before the loop's end are most like those before its
    start."""
    before = even[:, start - crossfade : start]

    def likeness(longer):
        end = start + length + longer
        return (before * even[:, end - crossfade : end]).sum()

    return length + max(range(period), key=likeness)


def _close_loop(even, levels, warp, start, length, plan):
    """Let the end of the loop become what lies before its start, and go on a little beyond its end, in place."""
    config, end = plan.config, start + length
    phases = np.arange(config.ticks) * float(config.tick)
    places = phases + warp
    first, last = np.interp([end - plan.crossfade, end], phases, places)
    held = slice(0, int((end + _BEYOND) / config.tick) + 2)  # places of the release part may lie before its end

    def joined(at):
        """(places a loop earlier, share of what is there) of places in the recording."""
        phase = np.interp(at, places[held], phases[held])
        share = np.clip((phase - end) / plan.crossfade + 1.0, 0.0, 1.0)
        return np.interp(phase - length, phases, places), share

    samples = np.arange(int(first), int(last) + _BEYOND)
    earlier, share = joined(samples)
    even[samples] = _crossfaded(even[samples], read(even, earlier), share)
    ticks = np.arange(samples[0] // config.tick + 1, samples[-1] // config.tick + 2)
    earlier, share = joined(ticks * config.tick)
    before = np.interp(earlier / config.tick, np.arange(len(levels)), levels)
    levels[ticks] = (1 - share) * levels[ticks] + share * before


def _crossfaded(out, into, share):
    """Straight lines, divided by the level that their sum has where the two are not alike."""
    alike = np.clip((out * into).sum() / np.sqrt((out**2).sum() * (into**2).sum() + 1e-30), 0.0, 1.0)
    power = (1 - share) ** 2 + share**2 + 2 * alike * share * (1 - share)
    return ((1 - share) * out + share * into) / np.sqrt(power)
