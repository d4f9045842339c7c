"""What enters the network beside past samples, for a whole call: conditioning, harmonics and noise.

None of it depends on what is drawn, so a GPU gets it a block ahead. Free of how a kernel wants it laid out.
"""

from typing import NamedTuple

import numpy as np

from common.pitch import hz_key
from engine.decoder.gpu.excitation import Noise, Oscillators, harmonics
from engine.decoder.gpu.ticks import Call, Ticks
from models.config import GAIN_LOG_MAX, MIDDLE_C_HZ, PITCH_CLASSES, REFERENCE_LEVEL, WaveNetConfig, phase_offsets
from models.mulaw import compress


class Given(NamedTuple):
    """Of one call; rows are voices.

    conditions : float32 (n, ticks, conditions), of each tick of the row, from the one that its first sample is in on;
        where nothing changes within a call there is one tick
    entry : float32 (n, samples, width), what enters the first layer beside the past samples, biases included; None
        where that is the bias alone
    middle : float32 (n, samples), to be added to the means of the mixture; None: nothing
    """

    conditions: np.ndarray
    entry: np.ndarray | None
    middle: np.ndarray | None


class Inputs:
    """Makes what the voices are given. weights : names and shapes of the torch state_dict"""

    def __init__(self, config: WaveNetConfig, weights: dict[str, np.ndarray], voices: int):
        self._config = config
        self._ages, self._tick_hz = np.zeros(voices, np.int64), np.zeros(voices)
        self._excited = Excited(config, weights, voices) if config.harmonics else None

    def reset(self, slots: np.ndarray) -> None:
        """The next sample of these voices is the first of a note."""
        self._ages[slots] = 0
        if self._excited:
            self._excited.reset(slots)

    def block(self, slots: np.ndarray, latents: np.ndarray, f0_hz: np.ndarray, uniforms: np.ndarray) -> Given:
        """The next samples of these voices; arguments as for `Decoder.render`."""
        ages, samples = self._ages[slots], uniforms.shape[1]
        self._ages[slots] += samples
        if not (self._config.pitch or self._config.harmonics):
            return Given(np.ascontiguousarray(latents[:, None, : self._config.timbre], np.float32), None, None)
        call = Call(Ticks.of(self._config.tick, ages, samples), slots, ages, latents, f0_hz, uniforms)
        conditions = self._conditions(call)
        if not self._excited:
            return Given(conditions, None, None)
        return Given(conditions, *self._excited.block(call, conditions))

    def _conditions(self, call):
        """Conditioning rows: timbre, one-hot pitch and octave, as `models.wavenet.conditions`."""
        config, ticks = self._config, call.ticks
        hz = np.where(ticks.starts < 0, self._tick_hz[call.slots][:, None], ticks.at_starts(call.f0_hz))
        self._tick_hz[call.slots] = hz[np.arange(len(hz)), ticks.last]
        rows = np.zeros((*hz.shape, config.conditions), np.float32)
        rows[..., : config.timbre] = call.latents[:, None, : config.timbre]
        if config.pitch:
            key = np.rint(hz_key(hz)).astype(int).clip(0, PITCH_CLASSES - 1)
            np.put_along_axis(rows, config.timbre + key[..., None], 1, 2)
        if config.harmonics:
            rows[..., -1] = 0.5 * np.log2(hz / MIDDLE_C_HZ)
        return rows


class Excited:
    """Harmonics and noise at the levels that the conditioning gives them, and their way into the first layer."""

    def __init__(self, config: WaveNetConfig, weights: dict[str, np.ndarray], voices: int):
        self._config, count = config, config.harmonics
        get = {name.removeprefix("decoder."): np.asarray(value, np.float32) for name, value in weights.items()}
        self._gain1, self._gain1_bias = get["gain1.weight"][0], get["gain1.bias"]
        self._gain2, self._gain2_bias = get["gain2.weight"][0], get["gain2.bias"]
        self._excitation_in = get["excitation.weight"][0]
        self._known_in, self._bias = np.zeros((config.taps, config.width), np.float32), get["excitation.bias"]
        if config.feedback:
            self._known_in = get["start.weight"][:, 1]
            self._bias = self._bias + get["start.bias"] + self._known_in.sum(0)
        self._oscillators, self._noise = Oscillators(config, voices), Noise(config, voices) if config.noise else None
        self._offsets = np.exp(1j * phase_offsets(count))
        self._now = np.zeros((voices, count), complex)  # phasors and gains at the start of the tick
        self._before, self._gains = np.zeros((2, voices, count))  # of harmonics, at the tick's start and end

    def reset(self, slots: np.ndarray) -> None:
        """The next sample of these voices is the first of a note."""
        self._oscillators.reset(slots)
        if self._noise:
            self._noise.reset(slots)

    def block(self, call: Call, conditions: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """(entry, middle) as in Given."""
        config, (count, samples) = self._config, call.uniforms.shape
        gains, noise_gains, phasors = self._levels(call, conditions)
        entry = np.empty((count, samples, config.width), np.float32)
        middle = np.empty((count, samples), np.float32)
        for row in range(count):
            excited = np.zeros((config.excitation, samples), np.float32)
            self._sound(excited, call.ticks.parts(row), *self._oscillators.run(call, row), gains[row], phasors[row])
            if self._noise:
                excited[-1] = self._noise.run(call, row, noise_gains[row])
            middle[row] = compress((REFERENCE_LEVEL * excited[config.harmonics :].sum(0)).clip(-1, 1))
            entry[row] = excited.T @ self._excitation_in + self._bias
            self._forget_unknown(entry[row], call.ages[row])
        return entry, middle if config.direct else None

    def _sound(self, excited, parts, cycles, hz, gains, phasors):
        """The partials at their levels; those above the limit are silent. excited : sines, then cosines"""
        count = self._config.harmonics
        for tick, part, share in parts:
            limits = self._config.harmonic_limit_hz / hz[part]
            heard = min(count, int(limits.max()) + 1)
            waves = harmonics(cycles[part], heard)
            for levels in (gains, phasors):
                waves *= levels[tick, :heard, None] * (1 - share) + levels[tick + 1, :heard, None] * share
            waves *= np.arange(1, heard + 1)[:, None] < limits
            excited[:heard, part], excited[count : count + heard, part] = waves.imag, waves.real

    def _levels(self, call, conditions):
        """Gains of harmonics, gains of noise, phasors: (n, ticks + 1, ...), at the starts of ticks and the end of the
        last; but the noise keeps its gains for a tick: (n, ticks, noise).
        """
        count, ticks, slots, rows = self._config.harmonics, call.ticks, call.slots, np.arange(len(call.slots))
        wanted = self._wanted_gains(conditions)
        gains = np.concatenate([wanted[:, :1], wanted], 1)[..., :count].astype(np.float64)
        past = np.where((ticks.place > 0)[:, None], self._before[slots], self._gains[slots])
        gains[:, 0] = np.where((call.ages > 0)[:, None], past, gains[:, 0])
        phasors = self._oscillators.phasors(call, self._now[slots])
        self._before[slots], self._gains[slots] = gains[rows, ticks.last], gains[rows, ticks.last + 1]
        self._now[slots] = phasors[rows, ticks.last]
        return gains, wanted[..., count:].astype(np.float64), phasors * self._offsets

    def _wanted_gains(self, conditions):
        hidden = np.maximum(conditions @ self._gain1 + self._gain1_bias, 0)
        return np.exp(np.minimum(hidden @ self._gain2 + self._gain2_bias, GAIN_LOG_MAX))

    def _forget_unknown(self, entry, age):
        """Those before the note are not marked as known. entry : (samples, width), from this age on"""
        first = self._config.taps - 1  # age from which on all are known
        for unknown, given in zip(range(first - age, 0, -1), entry, strict=False):
            given -= self._known_in[:unknown].sum(0)
