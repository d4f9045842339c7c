"""How many voices the machine can play: fewer while the blocks take too long, more again when they do not. Pure."""

from collections.abc import Callable, Sized

_FULL = 0.9  # load at which voices go
_AIM = 0.75  # load that the remaining voices should make
_EASY = 0.6  # load below which a voice comes back
_SETTLE_S = 0.04  # between two cuts: the smoothed load needs as long to follow
_RETURN_S = 0.1  # between two voices that come back


class Shedder:
    """polyphony : voices asked for; voices : those allowed now"""

    def __init__(self, polyphony: int):
        self.polyphony = polyphony
        self.voices = polyphony
        self._since_s = 0.0

    def observe(self, load: float, sounding: Callable[[], Sized], seconds: float) -> bool:
        """After each block. load : smoothed, 1 is the whole block's time; sounding : the voices; seconds : its length.

        returns : whether `voices` changed
        """
        self._since_s += seconds
        before = self.voices
        if load > _FULL and self._since_s >= _SETTLE_S:
            playing = len(sounding())
            if playing > 1:
                self.voices = max(1, min(self.voices, playing - 1, int(playing * _AIM / load)))
                self._since_s = 0.0
        elif load < _EASY and self.voices < self.polyphony and self._since_s >= _RETURN_S:
            self.voices += 1
            self._since_s = 0.0
        return self.voices != before
