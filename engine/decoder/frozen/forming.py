"""One key's notes, as they were played, -> recordings at an even level and one phase, with a loop without a seam."""

from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter

from common.pitch import key_hz
from common.smoothing import one_pole
from engine.decoder.frozen.loops import REACH, kernel, read
from engine.decoder.protocol import LOUDNESS_MS
from models.config import Playable
from models.excitation import CENTS, MOTION_MS
from models.frozen import FrozenConfig, Neighbour
from presets.pad import POINTS, Layout, Place

_WINDOW_TICKS = 8  # over which a level is measured, half of them before its tick
_STRETCHES, _STRETCH = 12, 1024  # of a recording, in samples, by which two are compared
_FLOOR_DB = -100.0
_BEYOND = 4 * REACH  # samples behind a loop's end that are read two octaves up
_GREATEST = np.iinfo(np.int16).max

Formed = dict[str, np.ndarray]  # the tensors of models.frozen.frozen_shapes, of one key


@dataclass(frozen=True)
class Plan:
    """config : of the frozen pad; loop : (start, length) of the loops in samples, to be fitted to every key's period

    crossfade : samples; weights : float64 (points, corners), how much of each corner a grid point has
    phased : the network is told the phase, so that all notes of a key have the same
    """

    config: FrozenConfig
    loop: tuple[int, int]
    crossfade: int
    weights: np.ndarray
    phased: bool

    @property
    def held(self) -> int:
        """Samples that the key is held."""
        return self.config.release or self.config.samples


def grid_weights(side: int, places: tuple[Place, ...] = POINTS) -> np.ndarray:
    """float64 (points, sounds): weights of the sounds that stand there, row by row from the bottom left."""
    along = np.arange(side) / (side - 1)
    x, y = np.meshgrid(along, along)
    return Layout(places).weights(x.ravel(), y.ravel())


def form(audio, latents, fall_db, key: int, plan: Plan, network: Playable) -> Formed:
    """The recordings of one key.

    audio : float32 (points, samples); latents : float32 (points, ticks, latent), that the network was given for it
    fall_db : float32 (points, ticks), level that the frozen preset adds when it plays
    """
    even = audio / _per_sample(10.0 ** (fall_db / 20.0), LOUDNESS_MS, plan.config)
    levels = _given_db(latents[..., network.latent - 1], fall_db) if network.loudness else None
    cents = latents[..., network.deviation] if network.motion else np.zeros_like(fall_db)
    even, formed = form_notes(even, key, plan, cents, levels)
    return formed | {"likeness": _likeness(even, formed["warps"], plan.config)}


def form_notes(even, key: int, plan: Plan, cents, levels=None) -> tuple[np.ndarray, Formed]:
    """Notes of one key, any number: all but how alike they are.

    even : (notes, samples), without a fall of their own; cents : (notes, ticks), by which they are off the key
    levels : float32 (notes, ticks + 1), in dB, where they are known
    returns : the notes at an even level, looped, float (notes, samples), and what is stored
    """
    config = plan.config
    period = config.rate / key_hz(key)
    levels = _measured_db(even, config) if levels is None else levels
    even = even / 10.0 ** (_between_ticks(levels, config) / 20.0)
    loudness = _loudness_db(even[:, : plan.held])
    even, levels = even / 10.0 ** (loudness / 20.0), (levels + loudness).astype(np.float32)
    warps = np.array([_warp(_phases(row, config), period, config) for row in cents])
    start, planned = plan.loop
    length = whole_periods(planned, key, config) if plan.phased else _most_alike(even, plan, round(period))
    _flatten_loop(levels, start, length, plan)
    for note in range(len(even)):
        _close_loop(even[note], levels[note], warps[note], start, length, plan)
    peaks = np.maximum(np.abs(even).max(1), 1e-9).astype(np.float32)
    return even, {
        "notes": np.rint(even / peaks[:, None] * _GREATEST).astype(np.int16),
        "peaks": peaks,
        "levels": levels,
        "warps": warps,
        "loops": np.array([start, start + length], np.float32),
    }


def whole_periods(length: float, key: int, config: FrozenConfig) -> float:
    """The length of a loop that is nearest to that, in whole periods of a key. In samples."""
    period = config.rate / key_hz(key)
    return round(length / period) * period


def _per_sample(values, time_ms, config):
    """float64 (..., samples): values of every tick, followed with this time constant from the first on."""
    step = one_pole(time_ms, config.rate)
    targets = np.repeat(values.astype(np.float64), config.tick, -1)
    return lfilter([step], [1.0, step - 1.0], targets, zi=targets[..., :1] * (1.0 - step))[0]


def _given_db(loudness_db, fall_db):
    """float32 (points, ticks): level that the network was given at the start of every tick, and at the end."""
    levels = loudness_db - fall_db
    return np.concatenate([levels, levels[:, -1:]], axis=1)


def _loudness_db(audio):
    """float64 (points, 1): of a note in the whole; a network is given levels that it follows but nearly."""
    return np.maximum(10.0 * np.log10((audio**2).mean(1, keepdims=True) + 1e-30), _FLOOR_DB)


def _measured_db(audio, config):
    """float32 (points, ticks): level around the start of every tick, and at the end; held and release part apart."""
    half, until = _WINDOW_TICKS // 2 * config.tick, config.release or config.samples
    energy = np.cumsum(np.pad(audio.astype(np.float64) ** 2, ((0, 0), (1, 0))), axis=1)
    places = np.arange(config.ticks) * config.tick
    held = places <= until
    first = np.maximum(places - half, np.where(held, 0, until))
    last = np.minimum(places + half, np.where(held, until, config.samples))
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


def _most_alike(even, plan, period):
    """The loop's length, up to a period longer than planned, at whose end the notes are most like before its start."""
    start, length = plan.loop
    before = even[:, start - plan.crossfade : start]

    def likeness(longer):
        end = start + length + longer
        return (before * even[:, end - plan.crossfade : end]).sum()

    return length + max(range(period), key=likeness)


def stretches(even, warp, config) -> np.ndarray:
    """Of one note's held part, at its phase: by these two notes are compared. float64 (_STRETCHES * _STRETCH,)"""
    heard = config.release or config.samples
    starts = np.linspace(0, heard - 2 * _STRETCH, _STRETCHES).astype(int)
    phases = (starts[:, None] + np.arange(_STRETCH)).ravel().astype(np.float64)
    return read(even, phases + np.interp(phases / config.tick, np.arange(config.ticks), warp), kernel())


def _likeness(even, warps, config):
    """float32 (points, len(Neighbour)): correlation of neighbours at one phase, over stretches of the held part."""
    notes = [stretches(note, warp, config) for note, warp in zip(even, warps, strict=True)]
    with np.errstate(invalid="ignore"):  # silent ones are like nothing
        alike = np.nan_to_num(np.corrcoef(notes)).clip(0.0, 1.0)
    return of_neighbours(alike, config.side)


def of_neighbours(alike, side: int) -> np.ndarray:
    """float32 (points, len(Neighbour)), each kept with its point, from all pairs of points, (points, points)."""
    point = np.arange(side**2).reshape(side, side)
    here, right, up, diagonal = point[:-1, :-1], point[:-1, 1:], point[1:, :-1], point[1:, 1:]
    found = np.zeros((side**2, len(Neighbour)), np.float32)
    found[point[:, :-1], Neighbour.RIGHT] = alike[point[:, :-1], point[:, 1:]]
    found[point[:-1], Neighbour.UP] = alike[point[:-1], point[1:]]
    found[here, Neighbour.DIAGONAL] = alike[here, diagonal]
    found[here, Neighbour.CROSS] = alike[right, up]
    return found


def _flatten_loop(levels, start, length, plan):
    """Take the slope of the loop out of the level, from the loop's start on, in place: it would be a saw.

    What falls is recorded without its fall; this is what is left, such as of keys beyond those that a sound has.
    """
    tick = plan.config.tick
    first, last, span = start // tick, int(start + length) // tick, plan.crossfade // tick
    slopes = (levels[:, last - span : last].mean(1) - levels[:, first - span : first].mean(1)) / (last - first)
    steps = np.clip(np.arange(levels.shape[1]), first, plan.held // tick) - first
    levels -= slopes[:, None] * steps


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
    even[samples] = _crossfaded(even[samples], read(even, earlier, kernel()), share)
    ticks = np.arange(samples[0] // config.tick + 1, samples[-1] // config.tick + 2)
    earlier, share = joined(ticks * config.tick)
    before = np.interp(earlier / config.tick, np.arange(len(levels)), levels)
    levels[ticks] = (1 - share) * levels[ticks] + share * before


def _crossfaded(out, into, share):
    """Straight lines, divided by the level that their sum has where the two are not alike."""
    alike = np.clip((out * into).sum() / np.sqrt((out**2).sum() * (into**2).sum() + 1e-30), 0.0, 1.0)
    power = (1 - share) ** 2 + share**2 + 2 * alike * share * (1 - share)
    return ((1 - share) * out + share * into) / np.sqrt(power)
