"""What a harmonic model plays, slowly, in numpy and double precision: what the compiled decoder is compared with."""

import numpy as np

from common.smoothing import one_pole, remaining
from engine.decoder.additive.state import FILTER_STEPS, GOLDEN
from engine.decoder.protocol import LOUDNESS_MS
from models.config import GAIN_LOG_MAX, MIDDLE_C_HZ, REFERENCE_LEVEL, phase_offsets
from models.excitation import CENTS, DETUNE_MS, DETUNE_PHASE_MS, MOTION_MS, normals, stretched
from models.harmonic.bands import half_filters, taps
from models.harmonic.config import GREATEST_LIFT, LEAST_POWER, LEVEL, PARTIAL, RATIO, HarmonicConfig


def log_levels(config: HarmonicConfig, weights, row, f0_hz):
    """float64 (levels,): what the network says of an embedding, or of those of several sounds, with the detail.

    row : (latent,) or (mixed,)
    """
    octave = 0.5 * np.log2(f0_hz / MIDDLE_C_HZ)
    asked = row[config.asked :].reshape(-1, 1 + config.timbre)
    embeddings, shares = np.concatenate([row[None, : config.timbre], asked[:, 1:]]), _shares(config, row[None])[0]
    heard = np.append(embeddings, np.full((len(embeddings), 1), octave), 1)
    hidden = shares @ np.maximum(heard @ weights["gain1.weight"].T + weights["gain1.bias"], 0)
    network = np.minimum(weights["gain2.weight"] @ hidden + weights["gain2.bias"], GAIN_LOG_MAX)
    return np.minimum(network + row[config.detail], GAIN_LOG_MAX + 1)


def _shares(config, rows):
    """(ticks, sounds): of what is heard as it is mixed, and of each place, if there are any."""
    of_places = rows[:, config.asked :: 1 + config.timbre]
    return np.concatenate([1 - of_places.sum(1, keepdims=True), of_places], 1)


def play(config: HarmonicConfig, weights, rows, f0_hz, uniforms, white):
    """One note.

    rows : (ticks, latent), one a tick; or (ticks, mixed), of whose free partials the first sound's are played
    f0_hz, uniforms : (ticks * tick,)
    white : (taps - 1,), the noise before the note
    returns : float64 (ticks * tick,)
    """
    weights = {name: np.asarray(values, np.float64) for name, values in weights.items()}
    rows, tick, rate = np.asarray(rows, np.float64), config.tick, config.rate
    time = np.arange(len(uniforms))
    cents = _followed(np.repeat(rows[:, config.deviation], tick), one_pole(MOTION_MS, rate))
    loudness = _followed(np.repeat(10 ** (rows[:, config.latent - 1] / 20), tick), one_pole(LOUDNESS_MS, rate))
    sounding = f0_hz * (1 + CENTS * cents + 0.5 * (CENTS * cents) ** 2)
    cycles = np.append(0.0, np.cumsum(sounding / rate)[:-1])
    tick_hz = f0_hz[::tick]
    levels = np.exp([log_levels(config, weights, *each) for each in zip(rows, tick_hz, strict=True)])
    share = (time % tick / tick)[:, None]

    k = np.arange(1, config.harmonics + 1)
    audible = np.array([hz * stretched(k, row[config.stretch]) for row, hz in zip(rows, tick_hz, strict=True)])
    gains = levels[:, : config.harmonics] * (audible < config.harmonic_limit_hz)
    free = rows[:, config.free].reshape(len(rows), PARTIAL, config.partials)
    partials = np.exp(2 * free[:, LEVEL]) * (free[0, RATIO] * tick_hz[:, None] < config.harmonic_limit_hz)
    taps = _filters(config, levels[:, config.harmonics :])
    noise = (taps**2).sum(1, keepdims=True)
    power = np.maximum(((gains**2).sum(1) + (partials**2).sum(1))[:, None] / 2 + noise, 1e-9)
    alone = (_shares(config, rows) ** 2).sum(1, keepdims=True)
    least = LEAST_POWER ** np.maximum(2 * alone - 1, 0)
    lift = np.sqrt(np.clip(least / power, 1, GREATEST_LIFT))
    phases = 2 * np.pi * (k * cycles[:, None]) + phase_offsets(config.harmonics)
    phases += _lines(np.concatenate([np.zeros((1, len(k))), _detuned(config, rows, tick_hz, uniforms[::tick])]), share)
    sound = (_lines(_aimed(lift * gains), share) * np.sin(phases)).sum(1)

    turns = np.arange(config.partials) * GOLDEN + np.append(0.0, np.cumsum(f0_hz / rate)[:-1])[:, None] * free[0, RATIO]
    sound += (_lines(_aimed(lift * partials), share) * np.sin(2 * np.pi * turns)).sum(1)
    return loudness * REFERENCE_LEVEL * (sound + _noise(config, lift ** (noise / power) * taps, uniforms, white))


def noise_before(config: HarmonicConfig, uniform):
    """float64 (taps - 1,): what the filter heard before a note whose first uniform number this is: a linear
    congruential generator (Knuth's MMIX), from that number on."""
    state, found = int(uniform * 2**24) + 1, []
    for _ in range(taps(config) - 1):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        found.append(np.sqrt(12) * ((state >> 40) * 2.0**-24 - 0.5))
    return np.array(found)


def _followed(wanted, step):
    """A one-pole, at once for the first sample."""
    values = np.array(wanted)
    for t in range(1, len(values)):
        values[t] = values[t - 1] + step * (wanted[t] - values[t - 1])
    return values


def _aimed(values):
    """(ticks, n) -> (ticks + 1, n): at the ends of the ticks; the first has its own at its start."""
    return np.concatenate([values[:1], values])


def _lines(ends, share):
    """(ticks + 1, n) -> (samples, n), straight lines. share : (samples, 1) of the tick gone by"""
    tick = len(share) // (len(ends) - 1)
    return np.repeat(ends[:-1], tick, 0) * (1 - share) + np.repeat(ends[1:], tick, 0) * share


def _detuned(config, rows, tick_hz, uniforms):
    """(ticks, harmonics): radians beyond k times the fundamental's phase, at the end of each tick."""
    k, seconds = np.arange(1, config.harmonics + 1), config.tick / config.rate
    detune = phase = inharmonic = np.zeros(config.harmonics)
    found = []
    for number, (row, hz, uniform) in enumerate(zip(rows, tick_hz, uniforms, strict=True)):
        left = remaining(DETUNE_MS, 1 / seconds) if number else 0.0
        detune = left * detune + np.sqrt(1 - left**2) * normals(int(uniform * 2**24), config.harmonics)
        phase = (
            remaining(DETUNE_PHASE_MS, 1 / seconds) * phase
            + 2 * np.pi * seconds * k * hz * row[config.spread] * CENTS * detune
        )
        inharmonic = inharmonic + 2 * np.pi * seconds * hz * (stretched(k, row[config.stretch]) - k)
        found.append(phase + inharmonic)
    return np.array(found)


def _filters(config, levels):
    """(ticks, taps): the filter of each moment. levels : (ticks, bands)"""
    half = levels @ half_filters(config)
    return np.concatenate([half[:, :0:-1], half], 1)


def _noise(config, wanted, uniforms, white):
    """White noise through the filter of the moment. wanted : (ticks, taps)"""
    ends = _aimed(wanted)
    place = np.arange(len(uniforms)) % config.tick
    reached = (place // (config.tick // FILTER_STEPS) + 1) / FILTER_STEPS
    taps = _lines(ends, reached[:, None])
    heard = np.append(white, np.sqrt(12) * (uniforms - 0.5))
    return (np.lib.stride_tricks.sliding_window_view(heard, wanted.shape[1]) * taps).sum(1)
