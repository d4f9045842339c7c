"""Audio and embeddings in files: any rate and up to two channels in, float32 WAV and NPY out, written atomically."""

from pathlib import Path

import numpy as np

from errors import ModelError, SynthError

MAX_SECONDS = 3600.0


def read_audio(path: str | Path, rate: int) -> np.ndarray:
    """A sound file as float32 (samples,) at `rate`: channels are averaged, other rates resampled.

    Raises ModelError, one line, where it is no sound file, empty, too long, damaged or has more than two channels.
    """
    import soundfile

    path = Path(path)
    if not path.is_file():
        raise ModelError(f"{path}: no such file")
    try:
        with soundfile.SoundFile(path) as file:
            _check_size(path, file)
            audio = file.read(dtype="float32", always_2d=True).mean(axis=1)
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


def check_suffix(path: Path, suffix: str) -> None:
    """Outputs say by their suffix what they are. Raises SynthError."""
    if path.suffix.lower() != suffix:
        raise SynthError(f"{path}: only {suffix} files are written; name it {path.with_suffix(suffix).name}")


def _check_size(path, file):
    if file.channels > 2:
        raise ModelError(f"{path}: {file.channels} channels; mix it down to one or two")
    if file.frames == 0:
        raise ModelError(f"{path}: no audio in it")
    if file.frames > MAX_SECONDS * file.samplerate:
        raise ModelError(f"{path}: {file.frames / file.samplerate:.0f} s long; at most {MAX_SECONDS:.0f} s are read")


def _resample(audio, file_rate, rate):
    if file_rate == rate:
        return audio
    import soxr

    return soxr.resample(audio, file_rate, rate, quality="VHQ")
