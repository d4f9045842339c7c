"""Audio and embeddings in files: any rate and channels in, float32 WAV and NPY out, written atomically."""

from pathlib import Path

import numpy as np

from common.errors import ModelError, SynthError

MAX_SECONDS = 3600.0
RATES = (1000, 768000)  # samples per second that a file may have
_BLOCK_SAMPLES = 1 << 20  # of all channels, read at once


def read_audio(path: str | Path, rate: int, seconds: float | None = None) -> np.ndarray:
    """A sound file as float32 (samples,) at `rate`: channels are averaged, other rates resampled.

    seconds : read only the beginning; None: all of it, if it is not too long
    Raises ModelError, one line, where it is no sound file, empty, too long, or damaged.
    """
    import soundfile

    path = Path(path)
    if not path.is_file():
        raise ModelError(f"{path}: no such file")
    try:
        with soundfile.SoundFile(path) as file:
            _check_size(path, file, seconds)
            audio = _read_mixed(file, round((seconds or MAX_SECONDS) * file.samplerate))
            file_rate = file.samplerate
    except soundfile.LibsndfileError as error:
        raise ModelError(
            f"{path}: not a readable sound file ({error.error_string}); give a WAV or FLAC file"
        ) from error
    if not len(audio):
        raise ModelError(f"{path}: no audio in it; the file is truncated")
    if not np.isfinite(audio).all():
        raise ModelError(f"{path}: holds samples that are not finite; export it again")
    return _resample(audio, file_rate, rate)


def check_audio(path: str | Path) -> None:
    """Look at a file's header. Raises ModelError, one line, as `read_audio` would."""
    import soundfile

    path = Path(path)
    if not path.is_file():
        raise ModelError(f"{path}: no such file")
    try:
        with soundfile.SoundFile(path) as file:
            _check_size(path, file, MAX_SECONDS)
    except soundfile.LibsndfileError as error:
        raise ModelError(
            f"{path}: not a readable sound file ({error.error_string}); give a WAV or FLAC file"
        ) from error


def _read_mixed(file, frames):
    """float32 (samples,): the mean of the channels, read in pieces, since there may be many channels."""
    blocks = file.blocks(max(_BLOCK_SAMPLES // file.channels, 1), frames=frames, dtype="float32", always_2d=True)
    return np.concatenate([np.zeros(0, np.float32), *(block.mean(axis=1) for block in blocks)])


def write_audio(path: Path, audio: np.ndarray, rate: int) -> None:
    """Float32 WAV, untouched. audio : float32 (samples,) or (frames, channels); path : a temporary one of `atomic`."""
    from scipy.io import wavfile

    wavfile.write(path, rate, audio)  # libsndfile would add the time of day: equal takes are to be equal files


def read_embedding(path: str | Path, latent: int) -> np.ndarray:
    """float32 (frames, latent) of an NPY file. Raises ModelError, one line, where it is anything else."""
    path = Path(path)
    if not path.is_file():
        raise ModelError(f"{path}: no such file")
    try:
        with np.errstate(over="ignore"):  # numpy multiplies a gigantic shape out, then refuses it
            stored = np.load(path, mmap_mode="r", allow_pickle=False)  # mapped: nothing is allocated on its word
    except (ValueError, EOFError, OSError) as error:
        raise ModelError(f"{path}: not an NPY file; write one with `encode`") from error
    if not isinstance(stored, np.ndarray) or stored.ndim != 2 or stored.shape[1] != latent or not len(stored):
        found = stored.shape if isinstance(stored, np.ndarray) else "several arrays"
        raise ModelError(f"{path}: holds {found}; this model needs an embedding of (frames, {latent})")
    if stored.dtype.kind != "f":
        raise ModelError(f"{path}: holds {stored.dtype} numbers; an embedding is float32")
    embedding = np.array(stored, np.float32)
    if not np.isfinite(embedding).all():
        raise ModelError(f"{path}: holds values that are not finite; encode the audio again")
    return embedding


def write_embedding(path: Path, embedding: np.ndarray) -> None:
    """NPY file. path : a temporary one, see `atomic`."""
    with open(path, "wb") as file:
        np.save(file, embedding, allow_pickle=False)


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


def _resample(audio, file_rate, rate):
    if file_rate == rate:
        return audio
    import soxr

    offset = audio.mean()  # beyond the ends there is 0: a step there would be heard
    return soxr.resample(audio - offset, file_rate, rate, quality="VHQ") + offset
