"""Model rate -> device rate: a polyphase FIR for blocks of any size, with no delay but its group delay."""

import math

import numpy as np
from numba import njit

TAPS = 48  # a phase, when the rate goes up; going down, the filter is longer by the ratio
_CUTOFF = 0.962  # of the lower Nyquist frequency: 7.7 kHz at 16 kHz; images lie 90 dB down from 8.7 kHz on
_KAISER_BETA = 9.0


class Resampler:
    """Stereo, stateful, any rational ratio.

    delay : group delay in output frames
    """

    def __init__(self, input_rate: int, output_rate: int, max_input: int):
        divisor = math.gcd(input_rate, output_rate)
        self.up, self.down = output_rate // divisor, input_rate // divisor
        self._phases = _polyphase(lowpass(self.up, self.down), self.up)
        taps = self._phases.shape[1]
        self.delay = (taps * self.up - 1) / 2 / self.down
        self.max_output = -(-max_input * self.up // self.down) + 1
        self._history = np.zeros((2, taps - 1 + max_input), np.float32)
        self._time = np.zeros(1, np.int64)  # of the next output after the next input, in 1 / (input rate * up)

    def reset(self) -> None:
        """Silence, and the first output falls on the first input again."""
        self._history[:] = 0.0
        self._time[0] = 0

    def process(self, block: np.ndarray, out: np.ndarray) -> int:
        """Take `block`, float32 (2, samples <= max_input); fill `out`, float32 (max_output, 2). Returns the frames."""
        return _process(block, self._phases, self.up, self.down, self._history, self._time, out)


def lowpass(up: int, down: int) -> np.ndarray:
    """Kaiser-windowed sinc for upfirdn, float64 (taps * up,), with gain `up` at 0 Hz."""
    taps = math.ceil(TAPS * max(1.0, down / up))
    length = taps * up
    time = np.arange(length) - (length - 1) / 2
    cutoff = _CUTOFF / max(up, down)  # of the Nyquist frequency of the common rate
    filter_ = np.sinc(time * cutoff) * np.kaiser(length, _KAISER_BETA)
    return filter_ * up / filter_.sum()


def _polyphase(filter_: np.ndarray, up: int) -> np.ndarray:
    """float32 (up, taps): the coefficients of each phase, the oldest sample's first."""
    return np.ascontiguousarray(filter_.reshape(-1, up).T[:, ::-1], np.float32)


# Only the order of the sum over the taps is left to the compiler; it is the same for every output, whatever the blocks.
@njit(cache=True, nogil=True, fastmath={"reassoc"})
def _process(block, phases, up, down, history, time, out):
    samples = block.shape[1]
    taps = phases.shape[1]
    history[:, taps - 1 : taps - 1 + samples] = block
    now = time[0]
    frames = 0
    while now < samples * up:
        first, phase = divmod(now, up)
        for side in range(2):
            total = np.float32(0.0)
            for k in range(taps):
                total += phases[phase, k] * history[side, first + k]
            out[frames, side] = total
        frames += 1
        now += down
    time[0] = now - samples * up
    for side in range(2):
        for k in range(taps - 1):
            history[side, k] = history[side, samples + k]
    return frames
