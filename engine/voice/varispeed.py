"""Every voice's own stream, read at a speed of its own: band-limited, and free to change from sample to sample.

A windowed sinc is laid over the stream wherever an output falls; above speed 1 it is stretched by the speed, so that
what would alias is gone. It reaches as far ahead as back, and a stream can be asked ahead of time: so a note sounds at
its very sample, and what steers its stream comes REACH outputs later (of the stream where it is read slowly).

Source: Smith, "Digital Audio Resampling Home Page", ccrma.stanford.edu/~jos/resample; window: Kaiser.
"""

import math

import numpy as np
from numba import njit

REACH = 24  # zero crossings of the sinc on either side: 1.5 ms at 16 kHz
LOWEST, HIGHEST = 0.25, 4.0  # speeds: two octaves down and up
GRAIN = 8  # streams are asked for multiples of it, so that many voices want the same number
_CUTOFF = 0.93  # of the lower Nyquist frequency, at -6 dB
_KAISER_BETA = 7.0
_STEPS = 256  # of the kernel's table between two zero crossings; straight lines between them are good to -94 dB
_CENT = 2.0 ** (1 / 1200) - 1  # a speed that is clamped by less is not told
_PAST = math.ceil(REACH * HIGHEST) + 1  # samples kept behind the place that is read

VOICE = np.dtype(
    [
        ("place", np.int64),  # in the row of `_streams`: the sample at or before the next output
        ("fraction", np.float64),  # 0..1, how far behind it
        ("filled", np.int64),  # samples in the row
    ],
    align=True,
)


class Varispeed:
    """The streams of all slots: `ask` how many samples they lack, `append` these, `read` the outputs.

    Every sample of a stream says its pitch, so that it sounds as it shall whenever its turn comes.

    samples : that are read at once, at most; most : that `ask` then asks of a voice
    speed : the mean of the voices asked last; beyond : whether one of these should be read slower or faster than it can
    """

    def __init__(self, slots: int, samples: int):
        self.most = (math.ceil((samples + REACH) * HIGHEST) // GRAIN + 2) * GRAIN
        self.speed, self.beyond = 1.0, False
        self._kernel = _kernel()
        self._voices = np.zeros(slots, VOICE)
        self._streams = np.zeros((slots, _PAST + self.most), np.float32)
        self._periods = np.ones((slots, _PAST + self.most))  # seconds of a cycle, of every sample
        self._speeds = np.zeros((slots, samples))

    def start(self, slot: int) -> None:
        """A stream begins: the first sample appended is the first heard."""
        self._voices[slot] = (_PAST, 0.0, _PAST)
        self._streams[slot, :_PAST] = 0.0

    def ask(self, slots: np.ndarray, f0_hz: np.ndarray, periods: np.ndarray, lacking: np.ndarray) -> None:
        """Fill `lacking`, int64 (n,), with the samples to append before the next outputs can be read.

        f0_hz : float32 (n, samples), that shall sound; periods : float64 (slots,), of the samples that will be appended
        """
        self.speed, self.beyond = _ask(
            slots, self._voices, self._periods, f0_hz, periods, self._speeds[: slots.size, : f0_hz.shape[1]], lacking
        )

    def append(self, slots: np.ndarray, audio: np.ndarray, periods: np.ndarray) -> None:
        """The streams go on. audio : float32 (n, samples); periods : float64 (slots,)."""
        _append(slots, self._voices, self._streams, self._periods, audio, periods)

    def read(self, slots: np.ndarray, audio: np.ndarray) -> None:
        """Fill the outputs that were asked for. audio : float32 (n, samples)."""
        _read(slots, self._voices, self._streams, self._periods, self._kernel, self._speeds, audio)


def _kernel() -> np.ndarray:
    """float32 (2 REACH _STEPS + 2,): a Kaiser-windowed sinc, one zero crossing every _STEPS, and a zero to lean on."""
    time = np.arange(-REACH * _STEPS, REACH * _STEPS + 1) / _STEPS
    kernel = _CUTOFF * np.sinc(_CUTOFF * time) * np.kaiser(len(time), _KAISER_BETA)
    return np.append(kernel, 0.0).astype(np.float32)


@njit(cache=True, nogil=True)
def _ask(slots, voices, stored_periods, f0_hz, periods, speeds, lacking):
    """Fill speeds, float64 (n, samples), and what is lacking. returns : (mean speed, whether one was clamped)."""
    total, beyond = 0.0, False
    for row in range(slots.size):
        voice, stored = voices[slots[row]], stored_periods[slots[row]]
        place, fraction, furthest = voice.place, voice.fraction, voice.filled - 1
        for i in range(f0_hz.shape[1]):
            period = stored[place] if place < voice.filled else periods[slots[row]]
            wanted = f0_hz[row, i] * period
            speed = min(max(wanted, LOWEST), HIGHEST)
            furthest = max(furthest, place + math.floor(fraction + REACH * max(speed, 1.0)))
            place, fraction = _moved(place, fraction, speed)
            beyond |= abs(wanted - speed) > _CENT * wanted
            total += speed
            speeds[row, i] = speed
        lacking[row] = -(-(furthest + 1 - voice.filled) // GRAIN) * GRAIN
    return total / max(f0_hz.size, 1), beyond


@njit(cache=True, nogil=True)
def _append(slots, voices, streams, stored_periods, audio, periods):
    for row in range(slots.size):
        voice, stream, stored = voices[slots[row]], streams[slots[row]], stored_periods[slots[row]]
        for i in range(audio.shape[1]):
            stream[voice.filled + i] = audio[row, i]
            stored[voice.filled + i] = periods[slots[row]]
        voice.filled += audio.shape[1]


@njit(cache=True, nogil=True)
def _read(slots, voices, streams, periods, kernel, speeds, audio):
    for row in range(slots.size):
        voice, stream = voices[slots[row]], streams[slots[row]]
        place, fraction = voice.place, voice.fraction
        for i in range(audio.shape[1]):
            speed = speeds[row, i]
            audio[row, i] = _at(stream, place, fraction, max(speed, 1.0), kernel)
            place, fraction = _moved(place, fraction, speed)
        gone = place - _PAST  # no kernel reaches so far back
        for i in range(voice.filled - gone):
            stream[i] = stream[i + gone]
            periods[slots[row], i] = periods[slots[row], i + gone]
        voice.place, voice.fraction, voice.filled = _PAST, fraction, voice.filled - gone


@njit(cache=True, nogil=True)
def _moved(place, fraction, speed):
    """Kept in two, so that rounding is the same wherever the stream lies in its row."""
    fraction += speed
    whole = math.floor(fraction)
    return place + whole, fraction - whole


# Only the order of the sum over the taps is left to the compiler; it is the same for every output, whatever the blocks.
@njit(cache=True, nogil=True, fastmath={"reassoc"})
def _at(stream, place, fraction, stretch, kernel):
    """The band-limited stream between two samples."""
    first = math.ceil(fraction - REACH * stretch)
    last = math.floor(fraction + REACH * stretch)
    step = np.float32(_STEPS / stretch)
    begin = np.float32((first - fraction) * (_STEPS / stretch) + REACH * _STEPS)
    total = np.float32(0.0)
    for k in range(last - first + 1):
        at = max(begin + np.float32(k) * step, np.float32(0.0))
        below = min(np.int32(at), np.int32(2 * REACH * _STEPS))
        share = at - np.float32(below)
        total += stream[place + first + k] * (kernel[below] + share * (kernel[below + 1] - kernel[below]))
    return total / np.float32(stretch)
