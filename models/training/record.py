"""What the first process of a run writes and says: state, weights, losses, pictures, and a line now and then."""

import time

from common.errors import SynthError
from models import checkpoints
from models.training import pictures
from models.training.progress import LossLog, Pace
from models.training.state import write_state

SAVE_EVERY_S = 300.0
PLAY_EVERY_S = 1200.0  # sample by sample, a model plays slowly


class Record:
    """The record of one trainer, in its folder. report : called with lines of text."""

    def __init__(self, trainer, report):
        self.trainer, self.report = trainer, report
        try:
            trainer.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SynthError(f"{trainer.folder}: cannot be made ({error.strerror}); choose another --out") from error
        self.log = LossLog(trainer.folder, trainer.step)
        self.pace = Pace(trainer.task.steps, report)
        self._saved = self._played = time.monotonic()

    def add(self, loss):
        """The trainer has made a step."""
        task, step = self.trainer.task, self.trainer.step
        learning_rate = task.learning_rate(step - 1)
        self.log.add(step, loss, learning_rate)
        self.pace.add(step, loss, learning_rate, task.samples(step - 1))
        if time.monotonic() - self._saved >= SAVE_EVERY_S:
            self.save()
        if time.monotonic() - self._played >= PLAY_EVERY_S:
            self.play()

    def save(self):
        """Write all but the samples. The losses come first: the log may be ahead of the state, never behind."""
        trainer, task = self.trainer, self.trainer.task
        self.log.write()
        write_state(trainer.state_path, task.settings, trainer.step, **trainer.kept)
        weights = {name: tensor.cpu().numpy() for name, tensor in trainer.average.state_dict().items()}
        origin = f"{task.origin}, step {trainer.step}, seed {task.seed}"
        checkpoints.write(trainer.folder / "weights.safetensors", trainer.model.config, weights, origin)
        if self.log.rows:
            self._draw(pictures.draw_losses, "losses.png", self.log.rows)
        self._saved = time.monotonic()

    def play(self):
        """Spectrograms of what the averaged weights play."""
        samples = self.trainer.task.sample(self.trainer.average)
        if samples:
            self._draw(pictures.draw_samples, "samples.png", samples)
        self._played = time.monotonic()

    def _draw(self, draw, name, what):
        try:
            draw(self.trainer.folder / name, what)
        except ImportError:
            self.report(f"no {name}: matplotlib is missing; pip install matplotlib")
