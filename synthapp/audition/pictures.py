"""Spectrograms of what was played above those of the recordings; of a morph between those of its ends."""

from pathlib import Path

import numpy as np
from scipy.signal import stft

DEPTH_DB = 80.0
WINDOW = 1024


def draw(path, titled, rate):
    """One PNG of several sounds below each other. titled : (title, float32 (samples,)) of each"""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(len(titled), 1, figsize=(6, 2.5 * len(titled)), sharex=True, layout="constrained")
    for axis, (title, audio) in zip(np.atleast_1d(axes), titled, strict=True):
        draw_spectrogram(axis, audio, rate, title)
        axis.set_ylabel("kHz")
    figure.savefig(path, dpi=60)
    plt.close(figure)


def draw_spectrogram(axes, audio, rate, title):
    """On axes of matplotlib's: seconds and kHz, DEPTH_DB below the loudest."""
    _, times, spectrum = stft(audio, rate, nperseg=WINDOW, noverlap=WINDOW * 3 // 4)
    level_db = 20 * np.log10(np.abs(spectrum) / max(np.abs(spectrum).max(), 1e-12) + 1e-9)
    extent = (0, times[-1], 0, rate / 2000)
    axes.imshow(level_db, origin="lower", aspect="auto", extent=extent, vmin=-DEPTH_DB, vmax=0, cmap="magma")
    axes.set_title(title, fontsize=9)


def draw_all(folder, played, recordings):
    """A picture of the middle note of each instrument of each set, and of each pair of the morphs. Returns how many."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    beside = [note for note in _middle(played.of("factory", "test", "valid")) if note.recording in recordings]
    for note in beside:
        title = f"{note.name}, key {note.key}, velocity {note.velocity}"
        sounds = [(title, played.sound(note)), ("recording", recordings.sound(note.recording))]
        draw(folder / f"{note.set}-{_file_name(note.name)}.png", sounds, played.rate)
    ends = {(note.name, note.key): note for note in played.of("ends")}
    morphs = _middle(played.of("morph"))
    for note in morphs:
        one, other = (played.sound(ends[name, note.key]) for name in (note.name, note.other))
        sounds = [(note.name, one), ("half-way", played.sound(note)), (note.other, other)]
        draw(folder / f"morph-{_file_name(note.name)}-{_file_name(note.other)}.png", sounds, played.rate)
    return len(beside) + len(morphs)


def _middle(notes):
    groups = {}
    for note in notes:
        groups.setdefault((note.set, note.name, note.other), []).append(note)
    return [members[len(members) // 2] for members in groups.values()]


def _file_name(name):
    return name.replace(" ", "_").replace("/", "_")
