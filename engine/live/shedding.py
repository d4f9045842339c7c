"""How many voices the machine can play. Pure.

What a voice costs is learned from blocks that took too long, and remembered: no more voices are allowed than fit. One
whose stream is read faster, to be higher, costs more by as much.
Blocks that take less than that lower it again, voice by voice. A single late block of a machine that plays as many
voices with ease, or of one that has not played yet, is no overload: something else had the processor.
"""

_FULL = 0.9  # load at which voices go
_AIM = 0.75  # load that the remaining voices should make
_SMOOTHING = 0.1  # share of the newest block in what a voice is known to cost
_LATE = 2  # blocks in a row that are no accident


class Shedder:
    """polyphony : voices asked for; voices : those allowed now"""

    def __init__(self, polyphony: int):
        self.polyphony = polyphony
        self.voices = polyphony
        self._cost = 0.0  # load of one voice at speed 1, once a block has taken too long
        self._usual = 0.0  # load of a voice at speed 1, smoothed
        self._late = 0  # blocks in a row that took too long

    def observe(self, load: float, sounding: int, speed: float = 1.0) -> bool:
        """After each block.

        load : 1 is the whole block's time; sounding : voices that were rendered
        speed : samples that the mean of them asks the decoder for, for each that sounds
        returns : whether `voices` changed
        """
        if sounding == 0:
            return False
        cost, before = load / (sounding * speed), self.voices
        self._late = self._late + 1 if load > _FULL else 0
        expected = self._usual * sounding * speed > _AIM
        if load > _FULL and (expected or self._late >= _LATE):
            self._cost = max(self._cost, cost)
        elif load <= _FULL:
            self._cost += _SMOOTHING * min(cost - self._cost, 0.0)
        self._usual += _SMOOTHING * (min(cost, 1.0) - self._usual) if self._usual else min(cost, 1.0)
        self.voices = self._allowed(self._cost * speed)
        return self.voices != before

    def _allowed(self, cost):
        if cost * self.polyphony <= _FULL:
            return self.polyphony
        return max(1, int(_AIM / cost))
