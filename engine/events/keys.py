"""Keys that are down, and which of them sounds where only one can."""

from dataclasses import dataclass

from engine.parameters import PRIORITIES

LAST, LOWEST, HIGHEST = range(len(PRIORITIES))


@dataclass(frozen=True)
class Key:
    """One that is down. velocity : of its stroke"""

    channel: int
    note: int
    velocity: int

    def same(self, other: "Key") -> bool:
        """Whether it is that key, however it was struck."""
        return (self.channel, self.note) == (other.channel, other.note)


class Solo:
    """The keys that are down, in the order of their strokes.

    sounding : the one that plays; None: none is down
    """

    def __init__(self):
        self._keys: list[Key] = []
        self.sounding: Key | None = None

    def reset(self) -> None:
        """Every key is up."""
        self._keys, self.sounding = [], None

    def press(self, key: Key, priority: int) -> bool:
        """A key goes down. returns : whether another key sounds now"""
        self._keys = [other for other in self._keys if not other.same(key)]
        self._keys.append(key)
        return self._choose(priority, struck=key)

    def lift(self, channel: int, note: int, priority: int) -> bool:
        """A key comes up. returns : whether another key sounds now, or none does any more"""
        self._keys = [key for key in self._keys if (key.channel, key.note) != (channel, note)]
        return self._choose(priority)

    def let_go(self, channels: range) -> None:
        """All keys of these channels come up."""
        self._keys = [key for key in self._keys if key.channel not in channels]
        if self.sounding is not None and self.sounding.channel in channels:
            self.sounding = None

    def _choose(self, priority, struck=None):
        """A key that is struck again sounds again."""
        before, self.sounding = self.sounding, self._first(priority)
        return self.sounding is not before or (struck is not None and self.sounding is struck)

    def _first(self, priority):
        if not self._keys:
            return None
        if priority == LAST:
            return self._keys[-1]
        best = min if priority == LOWEST else max
        return best(self._keys, key=lambda key: key.note)
