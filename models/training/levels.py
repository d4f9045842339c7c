"""The levels of trained weights, learnt anew: only the map from embedding to gains, on single frames.

For when analysis.py measures better than it did as the weights were trained, or when they are to play more harmonics:
minutes instead of hours. The encoder and the network stay as they are, so that an embedding means what it meant.
"""

import copy
import math
from dataclasses import replace

import torch

from common.errors import ModelError
from models import checkpoints
from models.analysis.note import FAINTEST
from models.checkpoints.building import load
from models.data.notes import Notes
from models.training.instrument import InstrumentTask, Schedule
from models.wavenet import WaveNet

STEPS, LEARNING_RATE = 6000, 5e-4


class LevelsTask(InstrumentTask):
    """See task.Task.

    weights : path or Source of an instrument that has harmonics
    harmonics : that it is to have, as many or more; 0: as many
    the others as of InstrumentTask
    """

    partial = False

    def __init__(self, notes: Notes, weights, harmonics=0, steps=STEPS, seed=0, progress=iter):
        trained = load(weights)
        known = trained.config.harmonics
        if not known:
            raise ModelError(f"{weights}: has no harmonics, so that there are no levels to learn; take others")
        if harmonics and harmonics < known:
            raise ModelError(f"{weights}: has {known} harmonics; it can be given more, not {harmonics}")
        self.trained = grown(trained, harmonics or known)
        schedule = Schedule(steps=steps, embedding_steps=steps, spectrum_steps=0, learning_rate=LEARNING_RATE)
        super().__init__(notes, self.trained.config, schedule, seed, progress)
        fingerprint = checkpoints.fingerprint({name: part.numpy() for name, part in trained.state_dict().items()})
        self.origin = f"levels of {self.origin} into weights {fingerprint}"
        self.settings |= {"task": "levels", "weights": fingerprint}

    def build(self) -> WaveNet:
        """The trained weights, of which all but the map are kept."""
        model = copy.deepcopy(self.trained).requires_grad_(False)
        for part in (model.decoder.gain1, model.decoder.gain2):
            part.requires_grad_(True)
        return model


def grown(model, harmonics) -> WaveNet:
    """The model with so many harmonics. The network does not hear those that are new; they sound beside it.

    model : WaveNet whose config is direct, unless it has so many already
    """
    config = model.config
    more = harmonics - config.harmonics
    if more and not config.direct:
        raise ModelError(f"a network that plays {config.harmonics} harmonics by itself cannot be given {more} more")
    state = model.state_dict()
    excited, gains = "decoder.excitation.weight", "decoder.gain2"
    sines, cosines, noise = torch.tensor_split(state[excited], (config.harmonics, 2 * config.harmonics), -2)
    unheard = sines.new_zeros((*sines.shape[:-2], more, sines.shape[-1]))
    state[excited] = torch.cat([sines, unheard, cosines, unheard, noise], -2)
    for name, level in ((f"{gains}.weight", 0.0), (f"{gains}.bias", math.log(FAINTEST))):
        known, noise = torch.tensor_split(state[name], (config.harmonics,), -1)
        state[name] = torch.cat([known, known.new_full((*known.shape[:-1], more), level), noise], -1)
    larger = WaveNet(replace(config, harmonics=harmonics))
    larger.load_state_dict(state)
    return larger
