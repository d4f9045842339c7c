"""Pictures of a run: its losses, and spectrograms of what it plays. Needs matplotlib, imported where it is used."""

import numpy as np

from common.atomic import replacing

WINDOW, HOP = 1024, 256  # of the spectrograms, samples
RANGE_DB = 80.0


def draw_losses(path, rows):
    """The losses of every step, faint, and their moving median.

    rows : (step, loss, learning rate), at least one
    """
    from matplotlib.figure import Figure

    steps, losses, learning_rates = np.array(rows).T
    figure = Figure(figsize=(9, 5), layout="constrained")
    axes = figure.subplots()
    axes.plot(steps, losses, color="0.8", linewidth=0.5)
    axes.plot(*_medians(steps, losses), color="C0")
    low, high = np.quantile(losses, [0.0, 0.99])
    axes.set(xlabel="step", ylabel="loss", ylim=(low - 0.05 * (high - low) - 1e-9, high + 0.05 * (high - low) + 1e-9))
    rate_axes = axes.twinx()
    rate_axes.plot(steps, learning_rates, color="C1", linewidth=0.8)
    rate_axes.set(ylabel="learning rate", ylim=(0, None))
    _save(figure, path)


def draw_samples(path, samples):
    """Recordings above, what the model plays below. samples : list of task.Sample"""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3.2 * len(samples), 5.5), layout="constrained")
    columns = figure.subplots(2, len(samples), sharex=True, sharey=True, squeeze=False).T
    for sample, (above, below) in zip(samples, columns, strict=True):
        seconds = len(sample.played) / sample.rate
        for axes, audio in ((above, sample.recording), (below, sample.played)):
            extent = (0, seconds, 0, sample.rate / 2000)
            axes.imshow(_levels_db(audio), aspect="auto", origin="lower", extent=extent, vmin=-RANGE_DB, vmax=0)
        above.set_title(sample.name, fontsize=8)
        below.set_xlabel("s")
    columns[0][0].set_ylabel("recording, kHz")
    columns[0][1].set_ylabel("played, kHz")
    _save(figure, path)


def _medians(steps, losses, pieces=200):
    """(middle steps, medians) of up to so many stretches of a run, ten steps each at least."""
    cuts = np.array_split(np.arange(len(steps)), max(1, min(pieces, len(steps) // 10)))
    return [steps[cut].mean() for cut in cuts], [np.median(losses[cut]) for cut in cuts]


def _levels_db(audio):
    """(frequencies, frames): a sine of full scale is 0 dB."""
    window = np.hanning(WINDOW)
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(audio, WINDOW // 2), WINDOW)[::HOP]
    magnitudes = np.abs(np.fft.rfft(frames * window)) * 2 / window.sum()
    return 20 * np.log10(magnitudes.T + 1e-9)


def _save(figure, path):
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=100)
