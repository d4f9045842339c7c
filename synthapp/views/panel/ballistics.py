"""How a meter moves: up at once, down steadily, with a mark that stays at the peak for a while."""

import math

FLOOR_DB = -60.0
FALL_DB_PER_S = 26.0
HOLD_S = 1.5


class Ballistics:
    """One channel of a peak meter.

    level_db : what the bar shows
    peak_db : what the mark shows: the highest of the last HOLD_S seconds, then falling
    """

    def __init__(self):
        self.level_db = FLOOR_DB
        self.peak_db = FLOOR_DB
        self._peak_age_s = 0.0

    def advance(self, peak: float, elapsed_s: float) -> None:
        """Take in the linear peak of the last `elapsed_s` seconds."""
        now_db = max(20 * math.log10(peak), FLOOR_DB) if peak > 0 else FLOOR_DB
        fall = FALL_DB_PER_S * elapsed_s
        self.level_db = max(now_db, self.level_db - fall)
        self._peak_age_s += elapsed_s
        if now_db >= self.peak_db:
            self.peak_db, self._peak_age_s = now_db, 0.0
        elif self._peak_age_s > HOLD_S:
            self.peak_db = max(self.peak_db - fall, self.level_db)
