"""Harmonics and noise of many samples of a voice at once: models/excitation.py, by arrays."""

import numpy as np

from common.smoothing import one_pole, remaining
from engine.decoder.gpu.ticks import Call
from models.config import WaveNetConfig
from models.excitation import (
    CENTS,
    DETUNE_MS,
    DETUNE_PHASE_MS,
    MOTION_MS,
    noise_filters,
    noise_taps,
    normals,
    stretched,
)


class Oscillators:
    """The phases of all voices; arrays have one row a voice."""

    def __init__(self, config: WaveNetConfig, voices: int):
        self._config, count = config, config.harmonics
        self._k = np.arange(1, count + 1)
        self._step = one_pole(MOTION_MS, config.rate)
        self._cycles, self._deviation_cents = np.zeros(voices), np.zeros(voices)
        self._detune, self._detune_phase, self._inharmonic_phase = np.zeros((3, voices, count))
        self._ahead = np.ones((voices, count), complex)  # at the end of the tick

    def reset(self, slots: np.ndarray) -> None:
        """The next sample of these voices is the first of a note."""
        for state in (self._cycles, self._detune, self._detune_phase, self._inharmonic_phase):
            state[slots] = 0
        self._ahead[slots] = 1

    def phasors(self, call: Call, now: np.ndarray) -> np.ndarray:
        """complex (n, ticks + 1, harmonics): what detuning and stretching have made of the partials at the start of
        each tick, and at the end of the last. now : complex (n, harmonics), at the start of tick 0"""
        ticks, slots = call.ticks, call.slots
        count = ticks.starts.shape[1]
        found = np.empty((len(slots), count + 1, len(self._k)), complex)
        found[:, 0] = np.where((ticks.place > 0)[:, None], now, self._ahead[slots])
        hz, chances = ticks.at_starts(call.f0_hz), ticks.at_starts(call.uniforms)
        for tick in range(count):
            rows = ticks.begin(tick)
            if len(rows):
                fresh = call.ages[rows] + ticks.starts[rows, tick] == 0
                self._detune_harmonics(slots[rows], fresh, call.latents[rows], hz[rows, tick], chances[rows, tick])
            found[:, tick + 1] = self._ahead[slots]
        return found

    def _detune_harmonics(self, slots, fresh, latents, f0_hz, uniforms):
        """A tick begins: see `models.excitation.Excitation`. All arguments : (n, ...)."""
        config, k, hz = self._config, self._k, f0_hz[:, None].astype(np.float64)
        tick_s = config.tick / config.rate
        spread_cents, stretch = self._motion(latents, config.spread), self._motion(latents, config.stretch)
        decay = np.where(fresh, 0.0, remaining(DETUNE_MS, 1 / tick_s))[:, None]
        seeds = (uniforms * 2**24).astype(np.uint64)[:, None]
        self._detune[slots] = decay * self._detune[slots] + np.sqrt(1 - decay**2) * normals(seeds, len(k))
        left = remaining(DETUNE_PHASE_MS, 1 / tick_s) * self._detune_phase[slots]
        speed_hz = k * hz * spread_cents * CENTS * self._detune[slots]
        self._detune_phase[slots] = left + 2 * np.pi * tick_s * speed_hz
        partials_hz = hz * stretched(k, stretch)
        self._inharmonic_phase[slots] += 2 * np.pi * tick_s * (partials_hz - k * hz)
        audible = partials_hz < config.harmonic_limit_hz
        self._ahead[slots] = np.exp(1j * (self._detune_phase[slots] + self._inharmonic_phase[slots])) * audible

    def _motion(self, latents, channel):
        return latents[:, channel, None].astype(np.float64) if self._config.motion else 0.0

    def run(self, call: Call, row: int) -> tuple[np.ndarray, np.ndarray]:
        """The fundamental of one voice: float64 (samples,) its phase in cycles and its frequency; then it goes on."""
        slot, hz = call.slots[row], call.f0_hz[row].astype(np.float64)
        if self._config.motion:
            target = float(call.latents[row, self._config.deviation])
            hz = hz * np.exp(CENTS * self._deviations(slot, call.ages[row] == 0, target, len(hz)))
        cycles = np.cumsum(np.concatenate([self._cycles[slot : slot + 1], hz / self._config.rate]))
        self._cycles[slot] = cycles[-1]
        return cycles[:-1], hz

    def _deviations(self, slot, fresh, target, samples):
        past = target if fresh else self._deviation_cents[slot]
        cents = target + (1 - self._step) ** np.arange(1, samples + 1) * (past - target)
        self._deviation_cents[slot] = cents[-1]
        return cents


class Noise:
    """White noise of all voices, cut into bands."""

    def __init__(self, config: WaveNetConfig, voices: int):
        self._filters = noise_filters(config)[:, ::-1]  # the newest sample last
        self._white = np.zeros((voices, noise_taps(config) - 1))  # the newest last

    def reset(self, slots: np.ndarray) -> None:
        """Silence before the next sample of these voices."""
        self._white[slots] = 0

    def run(self, call: Call, row: int, gains: np.ndarray) -> np.ndarray:
        """float64 (samples,) of one voice: the sum of its bands at their levels. gains : (ticks, bands)"""
        slot, ticks = call.slots[row], call.ticks
        white = np.concatenate([self._white[slot], np.sqrt(12) * (call.uniforms[row].astype(np.float64) - 0.5)])
        before = self._white.shape[1]
        self._white[slot] = white[len(white) - before :]
        taps, sums = gains @ self._filters, np.empty(ticks.samples)
        for tick, part, _ in ticks.parts(row):
            sums[part] = np.correlate(white[part.start : part.stop + before], taps[tick], "valid")
        return sums


def harmonics(cycles: np.ndarray, count: int) -> np.ndarray:
    """complex128 (count, samples): the first partials, cosines and sines, of a fundamental with these phases."""
    waves = np.empty((count, len(cycles)), complex)
    waves[:] = np.exp(2j * np.pi * (cycles % 1.0))
    return np.multiply.accumulate(waves, 0, out=waves)
