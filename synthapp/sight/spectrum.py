"""A constant-Q spectrum of what sounds, column by column as the sound comes in. Free of Qt.

What the paper's rainbowgrams show (Engel et al. 2017, appendix), made for a screen: 32 bins an octave, and no window
longer than a quarter of a second, so that a column is seen soon after it is heard; bass notes are broader for it.
Kernels in the frequency domain, one product with a sparse matrix a column: Brown and Puckette 1992, "An efficient
algorithm for the calculation of a constant Q transform".
"""

from dataclasses import dataclass

import numpy as np
from scipy.fft import rfft
from scipy.signal import firwin
from scipy.sparse import csr_array

LOWEST_HZ = 65.40639132514966  # C2
OCTAVES, PER_OCTAVE = 6, 32
BINS = OCTAVES * PER_OCTAVE
BIN_HZ = LOWEST_HZ * 2.0 ** (np.arange(BINS) / PER_OCTAVE)
SILENT_DB = -100.0
_RATE = 16000  # the sound is brought near it
_WINDOW, _HOP = 4096, 256  # samples at that rate
_SCALE = 0.8  # of the windows' lengths
_KEPT = 2e-3  # of a kernel's greatest value: what is below it is left out
_MOST = 32  # columns at once; what is older after a pause is not shown
_TAPS = 8  # of the low-pass for each sample that it leaves out


@dataclass(frozen=True)
class Columns:
    """Newest last.

    levels_db : float32 (columns, BINS); a sine of full scale is 0
    turns : float32 (columns, BINS), by how much the phase has moved since the column before, -1 to 1 for half a turn
    hz : float32 (columns, BINS), the frequency that this tells: the instantaneous one
    """

    levels_db: np.ndarray
    turns: np.ndarray
    hz: np.ndarray

    def __len__(self):
        return len(self.levels_db)


class Spectrum:
    """rate : of the sound; columns_per_s : that it makes of it"""

    def __init__(self, rate: int):
        self._factor = max(round(rate / _RATE), 1)
        self._rate = rate / self._factor
        self.columns_per_s = self._rate / _HOP
        taps = _TAPS * self._factor + 1
        self._low_pass = firwin(taps, 0.9 / self._factor).astype(np.float32) if self._factor > 1 else np.ones(1)
        self._heard = np.zeros(len(self._low_pass) - 1, np.float32)  # of the sound at its own rate
        self._past = np.zeros(_WINDOW, np.float32)
        self._last = np.zeros(BINS, np.complex64)
        self._kernels = _kernels(self._rate)

    def add(self, audio: np.ndarray) -> Columns:
        """The columns that end in this sound. audio : float32 (frames, 2)"""
        past = np.concatenate([self._past, self._slower(audio.mean(1, dtype=np.float32))])
        count = (len(past) - _WINDOW) // _HOP
        self._past = past[count * _HOP :]
        windows = np.lib.stride_tricks.sliding_window_view(past, _WINDOW)[_HOP::_HOP][-_MOST:]
        values = np.zeros((len(windows) + 1, BINS), np.complex64)
        values[0] = self._last
        if windows.any():
            values[1:] = (self._kernels @ rfft(windows).T).T
        self._last = values[-1]
        return self._columns(values)

    def _columns(self, values):
        turns = np.angle(values[1:] * values[:-1].conj()) / np.float32(np.pi)
        expected = BIN_HZ * (2 * _HOP / self._rate)  # half turns a hop
        strays = (turns - expected + 1) % 2 - 1
        hz = (BIN_HZ + strays * self._rate / (2 * _HOP)).astype(np.float32)
        levels_db = 20 * np.log10(np.maximum(np.abs(values[1:]), np.float32(10 ** (SILENT_DB / 20))))
        return Columns(levels_db, turns, hz)

    def _slower(self, mono):
        """The same at the lower rate; what is left over waits for the next call."""
        joined = np.concatenate([self._heard, mono])
        count = max((len(joined) - len(self._low_pass)) // self._factor + 1, 0)
        self._heard = joined[count * self._factor :]
        if self._factor == 1 or not count:
            return joined[:count]
        reach = (count - 1) * self._factor + len(self._low_pass)
        return np.convolve(joined[:reach], self._low_pass, "valid")[:: self._factor]


def peaks(levels_db: np.ndarray, hz: np.ndarray, most: int = 3, within_db: float = 24.0) -> list[float]:
    """Frequencies of the strongest partials of a column, strongest first; none where it is silent.

    levels_db, hz : (BINS,); within_db : below the strongest
    """
    middle = levels_db[1:-1]
    tops = 1 + np.flatnonzero((middle > levels_db[:-2]) & (middle >= levels_db[2:]))
    heard = tops[levels_db[tops] > max(levels_db.max() - within_db, SILENT_DB + within_db)]
    strongest = heard[np.argsort(-levels_db[heard])][:most]
    return [float(each) for each in hz[strongest]]


def _kernels(rate):
    """Sparse complex64 (BINS, frequencies): what a window's transform is multiplied by."""
    quality = _SCALE / (2.0 ** (1 / PER_OCTAVE) - 1)
    time = np.arange(_WINDOW) - _WINDOW / 2
    kernels = np.zeros((BINS, _WINDOW // 2 + 1), np.complex64)
    for row, hz in zip(kernels, BIN_HZ, strict=True):
        length = min(quality * rate / hz, _WINDOW)
        window = np.where(np.abs(time) < length / 2, 0.5 + 0.5 * np.cos(2 * np.pi * time / length), 0.0)
        wave = window * np.exp(2j * np.pi * hz / rate * time) * (2 / window.sum())
        transformed = np.fft.fft(wave)[: len(row)].conj() / _WINDOW
        row[:] = np.where(np.abs(transformed) > _KEPT * np.abs(transformed).max(), transformed, 0)
    return csr_array(kernels)
