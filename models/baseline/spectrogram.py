"""Audio <-> the pictures that the baseline sees: the short-time spectra of a note, and Griffin and Lim's way back.

    audio (samples,) -> stft (BINS + 1, columns) -> picture (channels, BINS, COLUMNS), what it shows named in KINDS
    picture -> magnitudes, and phases where it shows them -> audio

Free of torch. Source: Engel et al. 2017, section 2.2; Magenta's nsynth/utils.py (`specgram`, `ispecgram`), with
librosa's spectra of the time: centred frames, reflected at the ends, a periodic Hann window.
"""

import numpy as np

RATE = 16000
FFT, HOP = 1024, 256  # samples
BINS, COLUMNS = FFT // 2, 256  # of a picture: the highest bin is left out, and silence follows the 251 of a note
RANGE_DB = 120.0
FAINTEST = 1e-13  # power
ITERATIONS = 1000  # Magenta's
HARD_HZ = 4000  # from here on an error weighs 1; at 0 Hz it weighs LOW_WEIGHT
LOW_WEIGHT = 10.0

# What a picture shows, by its channels.
MAGNITUDE, MASKED, PHASE, COMPLEX = "magnitude", "instantaneous frequency", "phase", "complex"
KINDS = {MAGNITUDE: 1, MASKED: 2, PHASE: 2, COMPLEX: 2}

_WINDOW = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FFT) / FFT)).astype(np.float32)


def stft(audio):
    """complex (FFT / 2 + 1, 1 + samples // HOP): the spectra of frames centred on every HOP-th sample.

    audio : (samples,), more than FFT / 2; complex64 of float32, complex128 of float64
    """
    from scipy.fft import rfft  # here: every command reads the kinds of pictures above, few make one

    padded = np.pad(audio, FFT // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, FFT)[::HOP]
    return rfft(frames * _WINDOW.astype(audio.dtype), axis=1).T


def istft(spectra):
    """(HOP (columns - 1),): the audio whose spectra are nearest to these, in the least squares of Griffin and Lim 1984.

    spectra : complex (FFT / 2 + 1, columns)
    """
    from scipy.fft import irfft

    frames = irfft(spectra.T, n=FFT, axis=1)
    window = _WINDOW.astype(frames.dtype)
    audio = _overlapped(frames * window)
    weight = _overlapped(np.broadcast_to(window**2, frames.shape))
    inside = slice(FFT // 2, -(FFT // 2))
    return audio[inside] / np.maximum(weight[inside], np.finfo(weight.dtype).tiny)


def _overlapped(frames):
    """(FFT + HOP (columns - 1),): the sum of frames, each HOP samples after the one before."""
    parts, columns = FFT // HOP, len(frames)
    total = np.zeros((columns + parts - 1, HOP), frames.dtype)
    for part in range(parts):
        total[part : part + columns] += frames[:, part * HOP : (part + 1) * HOP]
    return total.ravel()


def picture(audio, kind=MAGNITUDE):
    """float32 (channels, BINS, COLUMNS): what the network sees of a note, zero beyond its end.

    audio : float (samples,), COLUMNS * HOP at most; kind : one of KINDS. "magnitude": dB below the clip's loudest bin,
    0 at -RANGE_DB and 1 at that; "instantaneous frequency", "phase": a second channel, half turns a column, or from
    0, times the magnitude; "complex": real and imaginary part, the loudest bin has the magnitude 1
    """
    shown = _shown(stft(audio), kind)[:, :BINS, :COLUMNS]
    return np.pad(shown, ((0, 0), (0, 0), (0, COLUMNS - shown.shape[2])))


def _shown(spectra, kind):
    """float32 (channels, FFT / 2 + 1, columns)."""
    size = np.abs(spectra)
    if kind == COMPLEX:
        scaled = spectra / max(size.max(), np.sqrt(FAINTEST))
        return np.stack([scaled.real, scaled.imag]).astype(np.float32)
    power = np.maximum(size**2, FAINTEST)
    magnitude = np.maximum(10 * np.log10(power / power.max()), -RANGE_DB) / RANGE_DB + 1
    if kind == MAGNITUDE:
        return magnitude[None].astype(np.float32)
    turns = np.angle(spectra)
    if kind == MASKED:
        turns = np.diff(np.unwrap(turns), axis=1, prepend=0.0)
    return np.stack([magnitude, magnitude * turns / np.pi]).astype(np.float32)


def sound(shown, kind=MAGNITUDE, iterations=ITERATIONS, rng=None, peak=True):
    """float32 (HOP (columns - 1),): the audio of a picture.

    shown : (channels, BINS or BINS + 1, columns)
    iterations : of Griffin and Lim's, where phases are not shown
    rng : numpy Generator of the first phases, which are drawn from [0, pi) as Magenta draws them; default: seed 0
    peak : divide by the maximum, as Magenta does; a negative peak may then go beyond -1
    """
    shown = np.pad(shown, ((0, 0), (0, FFT // 2 + 1 - shown.shape[1]), (0, 0)))
    if kind == COMPLEX:
        audio = istft(shown[0] + 1j * shown[1])
    else:
        magnitude = amplitudes(shown[0])
        if kind == MAGNITUDE:
            rng = rng or np.random.default_rng(0)
            audio = griffin_lim(magnitude, np.pi * rng.random(magnitude.shape), iterations)
        else:
            turns = shown[1] / np.maximum(shown[0], 1e-12)
            audio = istft(magnitude * np.exp(1j * np.pi * (np.cumsum(turns, axis=1) if kind == MASKED else turns)))
    return (audio / max(audio.max(), np.finfo(np.float32).tiny) if peak else audio).astype(np.float32)


def amplitudes(magnitude):
    """Of a picture's first channel, the loudest bin being 1."""
    return 10 ** ((magnitude - 1.0) * RANGE_DB / 20)


def griffin_lim(magnitude, phase, iterations):
    """Audio whose spectra have these magnitudes, from these phases on. The last iteration ends with the audio.

    magnitude, phase : (FFT / 2 + 1, columns); iterations : at least 1
    Source: Griffin and Lim 1984, in Magenta's order of steps.
    """
    spectra = magnitude * np.exp(1j * phase)
    audio = istft(spectra)
    for _ in range(iterations - 1):
        spectra = stft(audio)
        size = np.abs(spectra)
        turned = np.where(size > 0, spectra / np.where(size > 0, size, 1), 1)
        audio = istft(magnitude * turned)
    return audio


def frequency_weights():
    """float32 (BINS,): of the squared error, in a straight line from LOW_WEIGHT at 0 Hz to 1 just below HARD_HZ."""
    falling = HARD_HZ * FFT // RATE
    return np.append(np.linspace(LOW_WEIGHT, 1.0, falling), np.ones(BINS - falling)).astype(np.float32)
