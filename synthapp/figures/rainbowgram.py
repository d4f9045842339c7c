"""Rainbowgrams: brightness is the log magnitude of a constant-Q transform, colour the derivative of its phase.

Source: Engel et al. 2017, section 4.1 and figure 2; sizes as in its public code
(https://gist.github.com/jesseengel/e223622e255bd5b8c9130407397a0494). The transform is librosa's.
"""

import numpy as np

from common.pitch import key_hz

LOWEST_KEY = 36  # MIDI number of C2
OCTAVES, PER_OCTAVE = 6, 40
HOP, SCALE = 256, 0.8
RANGE_DB = 70.0


def transform(audio: np.ndarray, rate: int) -> np.ndarray:
    """complex (OCTAVES * PER_OCTAVE, frames): from C2 to C8."""
    import librosa

    return librosa.cqt(
        audio, sr=rate, hop_length=HOP, fmin=float(key_hz(LOWEST_KEY)), n_bins=OCTAVES * PER_OCTAVE,
        bins_per_octave=PER_OCTAVE, filter_scale=SCALE,
    )  # fmt: skip


def brightness(values: np.ndarray) -> np.ndarray:
    """0..1: RANGE_DB below the loudest, or more, to the loudest; all 0 in silence."""
    power = np.abs(values) ** 2
    loudest = power.max()
    if loudest <= 0:
        return np.zeros(values.shape)
    return np.clip(10 * np.log10(np.maximum(power / loudest, 1e-13)) / RANGE_DB + 1, 0, 1)


def colour(values: np.ndarray) -> np.ndarray:
    """-1..1: by how much the phase moves from frame to frame, in half turns; the first frame as the second."""
    steps = np.angle(values[:, 1:] * values[:, :-1].conj()) / np.pi
    return np.concatenate([steps[:, :1], steps], 1) if steps.shape[1] else np.zeros(values.shape)


def picture(audio: np.ndarray, rate: int) -> np.ndarray:
    """float (bins, frames, 3), RGB in 0..1, the lowest bin first."""
    from matplotlib import colormaps

    values = transform(audio, rate)
    return colormaps["rainbow"]((colour(values) + 1) / 2)[..., :3] * brightness(values)[..., None]


def draw(axes, audio: np.ndarray, rate: int, title: str = "") -> None:
    """One rainbowgram on axes of matplotlib's, with its octaves and seconds."""
    shown = picture(audio, rate)
    axes.imshow(
        shown, origin="lower", aspect="auto", extent=(0, len(audio) / rate, 0, OCTAVES), interpolation="nearest"
    )
    axes.set_yticks(range(OCTAVES + 1), [f"C{2 + octave}" for octave in range(OCTAVES + 1)])
    axes.set_title(title, fontsize=9)
    axes.tick_params(labelsize=7)
