"""The chain of effects that plays, as the chores thread sees it: makes what is new and closes what is gone."""

from collections import deque

from engine.effects.chain import Chain
from engine.effects.insert import Insert
from engine.effects.table import OpenPlugin, chain_of, inserts_of, prepare_new
from engine.live.player import Player
from engine.telemetry import EffectState
from presets.effects import Plugin, Slot


class LiveEffects:
    """Changes a player's chain. Everything belongs to the chores thread but reading `states`.

    open_plugin : makes the effects that are hosted
    news : after each change, (slot, plug-in with its state) of those in the chain; to be told once
    """

    def __init__(self, player: Player, open_plugin: OpenPlugin):
        self._missing: dict[int, str] = {}
        self.news: deque[tuple[tuple[int, Plugin], ...]] = deque()
        self._player, self._open_plugin = player, open_plugin
        self._inserts: tuple[Insert, ...] = ()

    @property
    def states(self) -> tuple[EffectState, ...]:
        """Slot by slot, as they are now."""
        missing = self._missing
        return tuple(
            EffectState(insert.id, insert.latency, missing.get(insert.id) or insert.problem) for insert in self._inserts
        )

    def change(self, slots: tuple[Slot, ...]) -> None:
        """Let the render thread change over to these slots, without a click; what may go on in one goes on."""
        before = self._inserts
        self._inserts, self._missing = inserts_of(slots, self._open_plugin, before)
        prepare_new(self._inserts, before, self._player.output.rate, self._player.max_frames)
        self._player.change_effects(self._inserts, slots)
        self._tell_plugins()

    def another(self, slots: tuple[Slot, ...]) -> tuple[Chain, tuple[Insert, ...]]:
        """A chain for a synth that is to follow the one that plays, and what is to be closed when that one is gone."""
        chain, self._missing = chain_of(slots, self._open_plugin)
        before, self._inserts = self._inserts, chain.inserts
        self._tell_plugins()
        return chain, before

    def _tell_plugins(self):
        plugins = ((insert.id, insert.plugin) for insert in self._inserts)
        self.news.append(tuple((slot, plugin) for slot, plugin in plugins if plugin is not None))

    def close_retired(self) -> None:
        """Give up the inserts that are not heard any more."""
        retired = self._player.effects.retired
        while retired:
            retired.popleft().close()

    def close(self) -> None:
        """Give up all."""
        self.close_retired()
        for insert in self._inserts:
            insert.close()
