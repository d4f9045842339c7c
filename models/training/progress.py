"""What a run shows of itself: a line every few seconds, losses.csv, and pictures beside it."""

import csv
import time
from pathlib import Path

from common.atomic import replacing
from common.errors import ModelError

LINE_EVERY_S = 10.0
COLUMNS = ("step", "loss", "learning_rate")


class LossLog:
    """losses.csv: one row a step, counted from 1.

    folder : where the file is; what it already holds up to `step`, from where the run goes on, is kept
    rows : (step, loss, learning rate)
    Raises ModelError where the file is not such a log.
    """

    def __init__(self, folder: Path, step: int):
        self.path = folder / "losses.csv"
        self.rows = [row for row in self._read() if row[0] <= step] if step else []

    def add(self, step, loss, learning_rate):
        """Keep one row until `write`."""
        self.rows.append((step, loss, learning_rate))

    def write(self):
        """Write the file whole."""
        with replacing(self.path) as temporary, open(temporary, "w", newline="") as file:
            csv.writer(file).writerows([COLUMNS, *self.rows])

    def _read(self):
        try:
            lines = self.path.read_text().splitlines()[1:] if self.path.exists() else []
            return [(int(step), float(loss), float(rate)) for step, loss, rate in csv.reader(lines)]
        except (OSError, ValueError) as error:
            raise ModelError(f"{self.path}: not a log of losses ({error}); remove it to go on without") from error


class Pace:
    """A line of progress every LINE_EVERY_S: loss and samples/s are means since the last one."""

    def __init__(self, steps, report):
        self.steps, self.report = steps, report
        self._begin()

    def add(self, step, loss, learning_rate, samples):
        """One step is done."""
        self._losses.append(loss)
        self._samples += samples
        elapsed_s = time.monotonic() - self._since
        if elapsed_s >= LINE_EVERY_S or step == self.steps:
            left_h = (self.steps - step) * elapsed_s / len(self._losses) / 3600
            self.report(
                f"step {step}/{self.steps}  loss {sum(self._losses) / len(self._losses):.4f}  "
                f"{self._samples / elapsed_s:,.0f} samples/s  learning rate {learning_rate:.2g}  {left_h:.1f} h left"
            )
            self._begin()

    def _begin(self):
        self._losses, self._samples, self._since = [], 0, time.monotonic()
