"""The chain of effects that plays, as the chores thread sees it: makes what is new and closes what is gone."""

import time
from collections import deque
from functools import partial

from common.errors import SynthError
from engine.commands import SetEffect
from engine.effects.chain import Chain
from engine.effects.insert import Insert
from engine.effects.kinds import ON
from engine.effects.table import OpenPlugin, chain_of, inserts_of, prepare_new
from engine.live.player import Player
from engine.telemetry import Edited, EffectState
from presets.effects import Plugin, Slot

_NEWS_S = 10.0  # how long it is told what became of an editor


class LiveEffects:
    """Changes a player's chain. Everything belongs to the chores thread but reading `states` and `notice`.

    open_plugin : makes the effects that are hosted
    news : after each change, (slot, plug-in with its state) of those in the chain; to be told once
    edited : what hands did in plug-ins' own windows; to be told once
    """

    def __init__(self, player: Player, open_plugin: OpenPlugin):
        self._missing: dict[int, str] = {}
        self.news: deque[tuple[tuple[int, Plugin], ...]] = deque()
        self.edited: deque[Edited] = deque()
        self._line, self._told_at = "", 0.0
        self._player, self._open_plugin = player, open_plugin
        self._inserts: tuple[Insert, ...] = ()

    @property
    def states(self) -> tuple[EffectState, ...]:
        """Slot by slot, as they are now."""
        return tuple(map(self._state, self._inserts))

    def _state(self, insert):
        hosted, missing = insert.hosted, self._missing.get(insert.id, "")
        if hosted is None:
            return EffectState(insert.id, insert.latency, missing)
        return EffectState(insert.id, insert.latency, missing or hosted.notice, hosted.editing)

    @property
    def notice(self) -> str:
        """What became of a plug-in's own window, one line, for a while."""
        return self._line if time.monotonic() < self._told_at + _NEWS_S else ""

    def change(self, slots: tuple[Slot, ...]) -> None:
        """Let the render thread change over to these slots, without a click; what may go on in one goes on."""
        before = self._inserts
        self._inserts, self._missing = inserts_of(slots, self._open_plugin, before)
        _close_editors(insert for insert in before if insert not in self._inserts)
        prepare_new(self._inserts, before, self._player.output.rate, self._player.max_frames)
        self._player.change_effects(self._inserts, slots)
        self._tell_plugins()

    def another(self, slots: tuple[Slot, ...]) -> tuple[Chain, tuple[Insert, ...]]:
        """A chain for a synth that is to follow the one that plays, and what is to be closed when that one is gone."""
        chain, self._missing = chain_of(slots, self._open_plugin)
        before, self._inserts = self._inserts, chain.inserts
        _close_editors(before)
        self._tell_plugins()
        return chain, before

    def _tell_plugins(self):
        self.news.append(tuple((insert.id, insert.hosted.plugin()) for insert in self._inserts if insert.hosted))

    def show_editor(self, slot: int, shown: bool) -> None:
        """Open or close the own window of a slot's plug-in."""
        hosted = next((insert.hosted for insert in self._inserts if insert.id == slot), None)
        if hosted is None:
            self._tell("a plug-in that is not there has no editor" if shown else "")
        elif not shown:
            hosted.close_editor()
        else:
            try:
                hosted.open_editor(partial(self._hear, slot), self._tell)
            except SynthError as error:
                self._tell(str(error))

    def _hear(self, slot, gesture, values, plugin):
        """In the editor's thread."""
        for name, value in values.items():
            self._player.play(SetEffect(slot, name, value))
        self.edited.append(Edited(slot, gesture, values, plugin))

    def _tell(self, line):
        self._line, self._told_at = line, time.monotonic()

    def tidy(self) -> None:
        """Give up the inserts that are not heard any more, and the windows of those that are bypassed."""
        _close_editors(insert for insert in self._inserts if not insert.value(ON))
        retired = self._player.effects.retired
        while retired:
            retired.popleft().close()

    def close(self) -> None:
        """Give up all."""
        self.tidy()
        for insert in self._inserts:
            insert.close()


def _close_editors(inserts):
    for insert in inserts:
        if insert.hosted:
            insert.hosted.close_editor()
