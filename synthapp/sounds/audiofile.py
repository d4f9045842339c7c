"""Sound files of any format, rate and channels as one channel at a model's rate, read in pieces.

A file is looked through first: where its sound begins, and whether its channels may be averaged.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from common.errors import ModelError, SynthError
from common.regular import open_regular

MAX_SECONDS = 3600.0
RATES = (1000, 768000)  # samples per second that a file may have
GREATEST = 1e6  # of a sample; 1 is full scale
HEADERLESS = (".raw", ".pcm")  # names under which files say nothing of their rate and format
BLOCK_SAMPLES = 1 << 20  # of all channels, read at once
SPARE_SAMPLES = 1024  # that a resampler may give more than its share
LEVEL_S = 0.1  # over which the level is measured to find the beginning
BEGIN_DB = 40.0  # below the loudest: there the sound has begun
BEFORE_S = 10.0  # kept before that: a slow attack, and the noise that tells it
SPECTRUM_SAMPLES = 8192
LOUD = 1e-4  # of the loudest bin's power: bins from which the channels are judged
_EMPTY = "{}: no audio in it; the file is truncated"
TOGETHER = 0.85  # share of the amplitude that the average of channels keeps; sides of their own phases keep 0.7


@dataclass(frozen=True)
class Clip:
    """What was read of a file.

    audio : float32 (samples,)
    start_s : where in the file it begins
    goes_on : whether the file goes on behind it
    told : what was chosen, in words; empty where there was no choice
    """

    audio: np.ndarray
    start_s: float = 0.0
    goes_on: bool = False
    told: str = ""


def read_audio(path: str | Path, rate: int, seconds: float | None = None) -> Clip:
    """A sound file at `rate`: channels are averaged, or the loudest taken where they would cancel each other.

    seconds : read only so much, from shortly before the sound begins; None: all of it, if it is not too long
    Raises ModelError, one line, where it is no sound file, empty, too long, or damaged.
    """
    path = Path(path)
    with _opened(path) as file:
        _check_size(path, file, seconds)
        return _read(path, file, rate, seconds)


class Spooled:
    """A recording whose samples wait on the disk: an hour of them would be half of the memory that is used.

    Has a length and slices, float32 (samples,), as the array has.
    """

    def __init__(self, file):
        self._file = file
        self._samples = file.tell() // np.dtype(np.float32).itemsize

    def __len__(self):
        return self._samples

    def __getitem__(self, part: slice) -> np.ndarray:
        start, stop, _ = part.indices(self._samples)
        self._file.seek(start * np.dtype(np.float32).itemsize)
        return np.fromfile(self._file, np.float32, max(stop - start, 0))


@contextmanager
def spooled_audio(path: str | Path, rate: int) -> Iterator[Spooled]:
    """All of a sound file, as `read_audio` reads it, in a temporary file. Raises ModelError, as it does."""
    path = Path(path)
    with tempfile.TemporaryFile() as spool:
        with _opened(path) as file:
            _check_size(path, file, None)
            for part in _parts(path, file, rate, 0, file.frames, _chosen(file, 0, file.frames)):
                _write(part, spool, path)
        if not spool.tell():
            raise ModelError(_EMPTY.format(path))
        yield Spooled(spool)


def _write(part, spool, path):
    try:
        part.tofile(spool)
    except OSError as error:
        raise ModelError(
            f"{path}: its samples cannot be written to {tempfile.gettempdir()}; free some room there"
        ) from error


def check_audio(path: str | Path) -> None:
    """Look at a file's header. Raises ModelError, one line, as `read_audio` would."""
    path = Path(path)
    with _opened(path) as file:
        _check_size(path, file, MAX_SECONDS)


@contextmanager
def _opened(path):
    """The open soundfile.SoundFile; whatever is wrong with it is one ModelError."""
    import soundfile

    try:
        with open_regular(path) as opened, soundfile.SoundFile(opened.fileno(), closefd=False) as file:
            yield file
    except FileNotFoundError as error:
        raise ModelError(f"{path}: no such file") from error
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror}); give a WAV or FLAC file") from error
    except soundfile.LibsndfileError as error:
        if path.suffix.lower() in HEADERLESS:
            raise ModelError(f"{path}: headerless, so its rate and format are unknown; export it as WAV") from error
        raise ModelError(
            f"{path}: not a readable sound file ({error.error_string}); give a WAV or FLAC file"
        ) from error


def _read(path, file, rate, seconds):
    start, frames = 0, file.frames
    if seconds is not None and frames > seconds * file.samplerate:
        start, frames = _beginning(file), round(seconds * file.samplerate)
    channel = _chosen(file, start, frames)
    audio = _joined(_parts(path, file, rate, start, frames, channel), frames * rate // file.samplerate)
    if not len(audio):
        raise ModelError(_EMPTY.format(path))
    told = "" if channel is None else f"its sides cancel each other or are shifted, {_name(channel, file)} is taken"
    return Clip(audio, start / file.samplerate, start + frames < file.frames, told)


def check_suffix(path: Path, *suffixes: str) -> None:
    """Outputs say by their suffix what they are. Raises SynthError."""
    if path.suffix.lower() not in suffixes:
        names = " or ".join(path.with_suffix(suffix).name for suffix in suffixes)
        raise SynthError(f"{path}: only {' and '.join(suffixes)} files are written; name it {names}")


def _check_size(path, file, seconds):
    if not RATES[0] <= file.samplerate <= RATES[1]:
        raise ModelError(f"{path}: {file.samplerate} samples a second; {RATES[0]} to {RATES[1]} are read")
    if file.frames == 0:
        raise ModelError(f"{path}: no audio in it")
    if seconds is None and file.frames > MAX_SECONDS * file.samplerate:
        raise ModelError(f"{path}: {file.frames / file.samplerate:.0f} s long; at most {MAX_SECONDS:.0f} s are read")


def _blocks(file, start, frames, size) -> Iterator[np.ndarray]:
    """float32 (size, channels) after each other; the last may be shorter."""
    file.seek(start)
    return file.blocks(size, frames=frames, dtype="float32", always_2d=True)


def _piece(file, frames):
    """Nearly BLOCK_SAMPLES of all channels, a whole number of so many frames."""
    return max(BLOCK_SAMPLES // file.channels // frames, 1) * frames


def _beginning(file):
    """Frame from which to read, so that long silence before the sound costs nothing of what may be read."""
    size = max(round(LEVEL_S * file.samplerate), 1)
    blocks = _blocks(file, 0, round(MAX_SECONDS * file.samplerate), _piece(file, size))
    levels = np.concatenate([_levels(block, size) for block in blocks] or [np.zeros(1)])
    begun = levels >= levels.max() * 10 ** (-BEGIN_DB / 20)
    lasting = begun[:-1] & begun[1:]  # a click is in one of them
    first = int(np.argmax(lasting)) if lasting.any() else int(np.argmax(begun))
    return max(first * size - round(BEFORE_S * file.samplerate), 0)


def _levels(block, size):
    """(levels,): of the loudest channel, without a constant offset; what is not finite is silence here."""
    whole = np.nan_to_num(block[: len(block) // size * size], nan=0.0, posinf=0.0, neginf=0.0)
    whole = np.clip(whole, -GREATEST, GREATEST).reshape(-1, size, block.shape[1])
    return whole.std(1, dtype=np.float64).max(1)


def _chosen(file, start, frames):
    """The channel that is taken; None for the average of all."""
    return _channel(file, start, frames) if file.channels > 1 else None


def _channel(file, start, frames):
    """The loudest channel, where the average of all would lose partials; None where it keeps them."""
    channels = np.zeros((file.channels, SPECTRUM_SAMPLES // 2 + 1))
    average = np.zeros(SPECTRUM_SAMPLES // 2 + 1)
    window = np.hanning(SPECTRUM_SAMPLES)[:, None]
    for block in _blocks(file, start, frames, SPECTRUM_SAMPLES):
        finite = np.clip(np.nan_to_num(block), -GREATEST, GREATEST)
        spectra = np.fft.rfft((finite - finite.mean(0)) * window[: len(block)], SPECTRUM_SAMPLES, axis=0)
        channels += np.abs(spectra.T) ** 2
        average += np.abs(spectra.mean(1)) ** 2
    loud = channels.max(0) > LOUD * channels.max()
    kept, whole = np.sqrt(average[loud]).sum(), np.sqrt(channels[:, loud]).mean(0).sum()
    return None if kept >= TOGETHER * whole else int(np.argmax(channels.sum(1)))


def _name(channel, file):
    return ("the left one", "the right one")[channel] if file.channels == 2 else f"channel {channel + 1}"


def _mixed(path, file, start, frames, channel) -> Iterator[np.ndarray]:
    """float32 (samples,) after each other. Raises ModelError at samples that are none."""
    for block in _blocks(file, start, frames, _piece(file, 1)):
        if not np.isfinite(block).all() or np.abs(block).max() > GREATEST:
            raise ModelError(f"{path}: holds samples that are not finite or over {GREATEST:.0f}; export it again")
        yield block.mean(axis=1) if channel is None else np.ascontiguousarray(block[:, channel])


def _parts(path, file, rate, start, frames, channel) -> Iterator[np.ndarray]:
    """float32 (samples,) after each other, at `rate`."""
    blocks = _mixed(path, file, start, frames, channel)
    return blocks if file.samplerate == rate else _at_rate(blocks, file.samplerate, rate)


def _joined(parts, samples):
    """float32 (samples,), about so many, written where they stay: they are there only once."""
    audio, end = np.empty(samples + SPARE_SAMPLES, np.float32), 0
    for part in parts:
        audio[end : end + len(part)] = part
        end += len(part)
    return audio[:end]


def _at_rate(blocks, file_rate, rate) -> Iterator[np.ndarray]:
    """float32 (samples,) after each other."""
    import soxr

    last = next(blocks, np.zeros(0, np.float32))
    if not len(last):
        return
    offset = last.mean()  # beyond the ends there is 0: a step there would be heard
    stream = soxr.ResampleStream(file_rate, rate, 1, dtype="float32", quality="VHQ")
    for block in blocks:
        yield stream.resample_chunk(last - offset) + offset
        last = block
    yield stream.resample_chunk(last - offset, last=True) + offset
