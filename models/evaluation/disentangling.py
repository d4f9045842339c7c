"""Whether an embedding tells the pitch: a linear classifier of the MIDI number, as in the paper's section 4.3."""

import numpy as np
import torch
from torch.nn import functional as F

from models.analysis.frames import analyse, emphasise
from models.spectral import with_context

PAPER = (0.581, 0.405)  # accuracy on Z, without and with pitch conditioning (Engel et al. 2017, table 2)
STEPS, DECAY = 100, 1e-4


@torch.no_grad()
def timbre(model, audio, f0_hz):
    """The channels of the embedding that the network sees, float32 (frames, timbre).

    model : models.wavenet.WaveNet; audio : float32 (samples,); f0_hz : pitch of the note
    A spectral encoder is asked alone: the motion that `model.encode` adds takes twenty times as long.
    """
    config = model.config
    if config.encoder != "spectrum":
        return model.encode(audio, f0_hz)[:, : config.timbre]
    whole = torch.from_numpy(emphasise(config, audio[: len(audio) // config.hop * config.hop]))
    return model.encoder(with_context(analyse(config, whole, f0_hz if config.motion else None)[0])).numpy()


def linear_accuracy(train, train_pitches, test, test_pitches):
    """Accuracy of multinomial logistic regression on notes of the pitches that it was trained on.

    train, test : float (notes, channels); pitches : int (notes,)
    returns : 0..1; nan where no test note has a trained pitch
    """
    hits = linear_hits(train, train_pitches, test, test_pitches)
    return float(hits.mean()) if len(hits) else float("nan")


def linear_hits(train, train_pitches, test, test_pitches):
    """bool (notes of trained pitches,): whether it names the pitch; arguments as above."""
    pitches = np.unique(train_pitches)
    known = np.isin(test_pitches, pitches)
    mean, spread = train.mean(0), train.std(0) + 1e-6
    inputs, others = (torch.from_numpy((x - mean) / spread).float() for x in (train, test[known]))
    weights = _fit(inputs, torch.from_numpy(np.searchsorted(pitches, train_pitches)), len(pitches))
    guesses = _with_bias(others) @ weights
    return pitches[guesses.argmax(1).numpy()] == test_pitches[known]


def _fit(inputs, classes, count):
    inputs = _with_bias(inputs)
    weights = torch.zeros(inputs.shape[1], count, requires_grad=True)
    optimiser = torch.optim.LBFGS([weights], max_iter=STEPS, line_search_fn="strong_wolfe")

    def loss():
        optimiser.zero_grad()
        value = F.cross_entropy(inputs @ weights, classes) + DECAY * weights.square().sum()
        value.backward()
        return value

    optimiser.step(loss)
    return weights.detach()


def _with_bias(inputs):
    return torch.cat([inputs, torch.ones(len(inputs), 1)], 1)
