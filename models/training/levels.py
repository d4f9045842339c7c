"""The levels of trained weights, learnt anew: only the map from embedding to gains, on single frames.

For when analysis.py measures better than it did as the weights were trained: minutes instead of hours. The encoder and
the network stay as they are, so that an embedding means what it meant.
"""

import copy

from errors import ModelError
from models import checkpoints
from models.data.notes import Notes
from models.training.instrument import InstrumentTask, Schedule
from models.wavenet import WaveNet

STEPS, LEARNING_RATE = 6000, 5e-4


class LevelsTask(InstrumentTask):
    """See task.Task. weights : file of an instrument that has harmonics; the others as of InstrumentTask"""

    partial = False

    def __init__(self, notes: Notes, weights, steps=STEPS, seed=0, progress=iter):
        self.trained = checkpoints.load(weights)
        if not self.trained.config.harmonics:
            raise ModelError(f"{weights}: has no harmonics, so that there are no levels to learn; take others")
        schedule = Schedule(steps=steps, embedding_steps=steps, spectrum_steps=0, learning_rate=LEARNING_RATE)
        super().__init__(notes, self.trained.config, schedule, seed, progress)
        fingerprint = checkpoints.fingerprint({name: part.numpy() for name, part in self.trained.state_dict().items()})
        self.origin = f"levels of {self.origin} into weights {fingerprint}"
        self.settings |= {"task": "levels", "weights": fingerprint}

    def build(self) -> WaveNet:
        """The trained weights, of which all but the map are kept."""
        model = copy.deepcopy(self.trained).requires_grad_(False)
        for part in (model.decoder.gain1, model.decoder.gain2):
            part.requires_grad_(True)
        return model
