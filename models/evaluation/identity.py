"""Which of the eleven families a note belongs to: a small convolutional network on log-mel spectra.

Trained on recordings, then asked about recordings that it has not heard and about what the instrument played instead.
"""

import numpy as np
import torch
from scipy.signal import stft
from torch import nn
from torch.nn import functional as F

BANDS, FRAMES = 64, 32
WINDOW, STEP = 1024, 256
FLOOR_DB = -60.0
EPOCHS, BATCH, RATE = 12, 64, 2e-3


def log_mel(audio, rate):
    """Levels in dB re the loudest, scaled to -1..1; a frame is 1/FRAMES of the note. float32 (BANDS, FRAMES)."""
    _, _, spectrum = stft(audio, rate, nperseg=WINDOW, noverlap=WINDOW - STEP)
    mel = mel_filterbank(rate) @ np.abs(spectrum) ** 2
    pooled = np.stack([part.mean(1) for part in np.array_split(mel, FRAMES, axis=1)], 1)
    level_db = 10 * np.log10(pooled / max(pooled.max(), 1e-20) + 10 ** (FLOOR_DB / 10))
    return (level_db / -FLOOR_DB * 2 + 1).astype(np.float32)


class Classifier:
    """classes : labels, sorted; features : float32 (notes, BANDS, FRAMES); labels : one a note; seed : of all chance"""

    def __init__(self, features, labels, seed=0, epochs=EPOCHS):
        self.classes = sorted(set(labels))
        torch.manual_seed(seed)
        self._network = _network(len(self.classes))
        self._train(
            torch.from_numpy(features)[:, None], torch.tensor([self.classes.index(label) for label in labels]), epochs
        )

    def accuracy(self, features, labels):
        """Share of the notes that it names right; nan where there are none."""
        if not len(labels):
            return float("nan")
        guesses = self.guess(features)
        return float(np.mean([guess == label for guess, label in zip(guesses, labels, strict=True)]))

    @torch.no_grad()
    def guess(self, features):
        """The label of each note."""
        self._network.eval()
        return [self.classes[index] for index in self._network(torch.from_numpy(features)[:, None]).argmax(1).tolist()]

    def _train(self, features, labels, epochs):
        optimiser = torch.optim.AdamW(self._network.parameters(), RATE, weight_decay=0.01)
        steps = epochs * -(-len(labels) // BATCH)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps)
        self._network.train()
        for _ in range(epochs):
            for rows in torch.randperm(len(labels)).split(BATCH):
                loss = F.cross_entropy(self._network(features[rows]), labels[rows])
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                schedule.step()


def _network(classes):
    layers, inputs = [], 1
    for outputs in (16, 32, 64):
        layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU(), nn.MaxPool2d(2)]
        inputs = outputs
    return nn.Sequential(*layers, nn.Flatten(), nn.Dropout(0.3), nn.LazyLinear(classes))


def mel_filterbank(rate):
    """(BANDS, bins): triangles, evenly spaced in mel from 40 Hz to the Nyquist frequency."""
    edges_mel = np.linspace(_mel(40.0), _mel(rate / 2), BANDS + 2)
    edges = 700 * (10 ** (edges_mel / 2595) - 1)
    bins = np.fft.rfftfreq(WINDOW, 1 / rate)
    rise = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    fall = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    return np.maximum(0.0, np.minimum(rise, fall))


def _mel(hz):
    return 2595 * np.log10(1 + hz / 700)
