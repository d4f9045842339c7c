"""A hosted plug-in as an effect of the chain: always there, always in time, whatever becomes of its process.

Threading model:
  render thread : `process`, `set`, `reset`
  whoever makes the synth: `prepare`, and `reset` right after it
  keeper        : `tend`; ends, renews and starts processes
  chores thread : `plugin`, `holds`, `open_editor`, `close_editor`, `close`
  editor        : `_Listener`

What the render thread and the keeper give each other are single attributes, each written by one and taken by the other:
`_failed` (a child that is to be ended), `_stale` (one that is to be silenced) and `_fresh` (one that is to be played);
`_handed` is a state that the editor gives to the keeper.
"""

import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from io import FileIO
from typing import Protocol

import numpy as np

from common.errors import PluginError
from engine.effects.processor import TellEdited
from engine.mix.line import DelayLine
from engine.plugins import editor
from engine.plugins.exchange import Answer
from engine.plugins.faults import Misses, Restarts
from engine.plugins.messages import Description, row_of
from engine.plugins.seam import Seam
from presets.effects import Plugin

DEADLINE_S = 0.001  # of a block, from its start
SLOW_S = 0.0005  # a plug-in that takes longer for a block plays one block later, and may take that much more
PATIENCE_S = 20.0  # where nobody listens
_WARM_S = 0.05  # beside its latency, that a plug-in plays unheard before it is heard again
_TAIL_S = 1.0
_LONG_TAIL_S = 6.0
_LONG_TAILS = ("reverb", "delay")  # in a VST3's category
_WHAT_HAPPENED = {
    Answer.LATE: "does not answer",
    Answer.GONE: "has crashed",
    Answer.BAD: "played no sound but numbers",
}


class Instance(Protocol):
    """A plug-in in its process, see engine.plugins.child.Child."""

    description: Description
    note: str
    before: np.ndarray
    waited_ns: int
    memory: FileIO

    @property
    def pid(self) -> int: ...

    def play(self, block: np.ndarray, wet: np.ndarray, patience_s: float, lag: int = 0) -> Answer: ...
    def pace(self, frames: int, rate: int) -> float: ...
    def set(self, index: int, value: float) -> None: ...
    def renew(self, rate: int) -> None: ...
    def restore(self, state: bytes) -> None: ...
    def save(self) -> bytes: ...
    def close(self) -> None: ...


# (plug-in, rate, parameters by place) -> ready to play; raises PluginError
Start = Callable[[Plugin, int, dict[int, float]], Instance]


class HostedPlugin:
    """start : makes the process, anew after a failure, in the state in which it was last known to be good

    live : answer in time, or play dry; False: wait for the plug-in, and raise PluginError where it fails
    parameters : id -> value to begin with
    editor_program : see `Editor`

    notice : what is wrong, one line, or empty; heard : whether the plug-in sounds, and not its input
    waited_ns : for the last block; starts : of its process so far; closed : it is not used again
    latency, tail : see `Processor`; a block more of a plug-in that is too slow for its deadline
    rows, defaults : see `PluginEffect`
    """

    def __init__(
        self, plugin: Plugin, start: Start, rate: int, live: bool = True, parameters: dict[str, float] | None = None,
        clock: Callable[[], float] = time.monotonic, editor_program: str = editor.PROGRAM,
    ):  # fmt: skip
        self._opened = self._held = plugin
        self._start, self._live, self._clock = start, live, clock
        self._patience_s = DEADLINE_S if live else PATIENCE_S
        self._rate = rate
        self._values: dict[int, float] = {}
        child = start(plugin, rate, {})
        self._child: Instance | None = child
        self.waited_ns, self.starts, self.closed = 0, 1, False
        self.description, self.notice = child.description, child.note
        self.latency, self.tail, self._lag = self.description.latency, 0, 0
        self.rows = {parameter.id: row_of(parameter) for parameter in self.description.parameters}
        self.defaults = {name: row.default for name, row in self.rows.items()}
        self._places = {parameter.id: place for place, parameter in enumerate(self.description.parameters)}
        self._failed: tuple[Instance, Answer] | None = None
        self._stale: Instance | None = None
        self._fresh: Instance | None = None
        self._slow: bool | None = None  # not known yet
        self._handed: bytes | None = None
        self._editor: editor.Editor | None = None
        self._editor_program = editor_program
        self._preparing: int | None = None  # the thread that prepares it and may wait for it
        self._touched = False  # it may sound by itself, since it has heard something
        self._lock = threading.Lock()  # of keeper and chores; the render thread never takes it
        self._misses, self._restarts = Misses(), Restarts()
        for name, value in (parameters or {}).items():
            self.set(name, value)
        child.renew(rate)

    # -- the life of an effect

    def prepare(self, rate: int, max_frames: int) -> None:
        """Raises PluginError where it is not live."""
        self._touched |= rate != self._rate
        self._rate, self._preparing = rate, threading.get_ident()
        self.tail = round(rate * _tail_s(self.description.category))
        self._slow = self._is_slow(max_frames) if self._slow is None else self._slow
        self._lag = max_frames if self._slow else 0
        self.latency = self.description.latency + self._lag
        self._line = DelayLine(self.latency, max_frames)
        self._wet = np.zeros((max_frames, 2), np.float32)
        self._dry_before = np.zeros((2, 2), np.float32)
        self._seam = Seam(rate)
        self._unheard = 0  # frames that it still plays unheard
        self.reset()

    def _is_slow(self, max_frames):
        """Whether it would miss many of its deadlines. Found once, before it is in a chain: it takes its time."""
        return self._live and self._child is not None and self._child.pace(max_frames, self._rate) > SLOW_S

    def reset(self) -> None:
        """Silence, also in the plug-in: at once where that may be waited for, else it plays dry until it is done."""
        self._line.reset()
        self._dry_before[:] = 0.0
        self._seam.reset()
        self.heard, child = True, self._child
        if child is None or not self._touched:
            return
        self._touched = False
        if self._live and self._preparing != threading.get_ident():
            self._stale, self._child = child, None
            return
        self._preparing = None
        try:
            child.renew(self._rate)
        except PluginError:
            if not self._live:
                raise
            self._lose(child, Answer.GONE)

    def process(self, block: np.ndarray) -> None:
        """float32 (frames, 2) in place. Raises PluginError where it is not live and the plug-in fails."""
        frames = len(block)
        wet = self._wet[:frames]
        self._take_fresh()
        if self._handed is not None and self._child is not None:
            self._stale, self._child = self._child, None
        child, self.waited_ns = self._child, 0
        played = child is not None and self._played(child, block, wet)
        dry_before = self._dry_before.copy()
        dry = self._delayed(block)
        heard = played and self._unheard <= 0
        self._unheard -= frames if played else 0
        if heard != self.heard:
            self._seam.change(child.before if heard and child is not None else dry_before)
            self.heard = heard
        block[:] = wet if heard else dry
        self._seam.process(block)

    def set(self, name: str, value: float) -> None:
        """A parameter by its id, in its unit; others are ignored."""
        place = self._places.get(name)
        if place is None or (place not in self._values and value == self.defaults[name]):
            return  # what stands there already is left as it is, to the last bit
        self._values[place] = value
        if self._child is not None:
            self._child.set(place, value)

    @property
    def pid(self) -> int | None:
        """Of its process, None while there is none."""
        return None if self._child is None else self._child.pid

    # -- chores thread

    def holds(self, plugin: Plugin) -> bool:
        """Whether it is this plug-in, as it was opened or last saved."""
        return plugin in (self._opened, self._held)

    def plugin(self) -> Plugin:
        """What a preset is to keep: with its state as it is now, or as it was last known where it does not play."""
        with self._lock:
            if self._child is not None:
                with contextlib.suppress(PluginError):  # the render thread will find out
                    saved = self._child.save()
                    self._held = replace(self._held, version=self.description.version, state=saved)
            return self._held

    @property
    def editing(self) -> bool:
        """Whether its own window is open."""
        return self._editor is not None

    def open_editor(self, tell: TellEdited, ended: Callable[[str], object]) -> None:
        """See `PluginEffect`. Raises PluginError while the plug-in does not play."""
        self.close_editor()
        state = self.plugin().state
        with self._lock:
            if self._child is None:
                raise PluginError(f"{self._held.name} does not play now: its editor is not shown")
            self._editor = editor.Editor(
                self.description.place, self._rate, state, self._child.memory.fileno(), _Listener(self, tell, ended),
                self._editor_program,
            )  # fmt: skip

    def close_editor(self) -> None:
        """See `PluginEffect`."""
        shown, self._editor = self._editor, None
        if shown is not None:
            shown.close()

    def close(self) -> None:
        """End its process. Nobody plays it any more."""
        self.close_editor()
        with self._lock:
            self.closed = self._restarts.off = True
            for child in (self._child, self._stale, self._fresh, self._failed and self._failed[0]):
                if child is not None:
                    child.close()
            self._child = self._stale = self._fresh = self._failed = None

    # -- editor

    def _adopt(self, state):
        """Go on in this state as soon as the keeper can see to it. returns : what a preset is to keep now"""
        with self._lock:
            held = replace(self._held, version=self.description.version, state=state)
            self._opened = self._held = held
            self._handed = state
        return held

    # -- keeper

    def tend(self) -> None:
        """End the process that failed; start another when it is time."""
        with self._lock:
            if self._stale is not None:
                self._renew()
            if self._failed is not None:
                self._end()
            if self._restarts.due(self._clock()):
                self._start_again()

    def _renew(self):
        child, self._stale = self._stale, None
        state, self._handed = self._handed, None
        assert child is not None
        try:
            if state is not None:
                child.restore(state)
            child.renew(self._rate)
            self._fresh = child
        except PluginError:
            self._failed = child, Answer.GONE

    def _end(self):
        assert self._failed is not None
        (child, answer), self._failed = self._failed, None
        child.close()
        self.close_editor()  # it looks on at a process that is gone
        self._restarts.failed(self._clock())
        self._tell(_WHAT_HAPPENED[answer])

    def _start_again(self):
        try:
            child = self._start(self._opened, self._rate, dict(self._values))
        except PluginError:
            self._restarts.failed(self._clock())
            self._tell("does not start")
            return
        self._restarts.started(self._clock())
        self.starts += 1
        self._fresh, self.notice = child, child.note

    def _tell(self, what):
        then = "is left off; choose it again to try once more" if self._restarts.off else "starts again"
        self.notice = f"{self._held.name} {what}: it is bypassed and {then}"

    # -- render thread

    def _take_fresh(self):
        child, self._fresh = self._fresh, None
        if child is None:
            return
        self._child, self._misses = child, Misses()
        self._unheard = self.latency + round(_WARM_S * self._rate)
        for place, value in self._values.items():
            child.set(place, value)

    def _played(self, child, block, wet):
        """Whether `wet` is what the plug-in made of the block."""
        self._touched = self._touched or bool(block.any())
        answer = child.play(block, wet, self._patience_s, self._lag)
        self.waited_ns = child.waited_ns
        if answer != Answer.PLAYED and not self._live:
            raise PluginError(f"plug-in {self._held.name} {_WHAT_HAPPENED[answer]}; leave it out or try another one")
        if self._misses.observe(answer):
            self._lose(child, answer)
        return answer == Answer.PLAYED

    def _lose(self, child, answer):
        self._failed, self._child = (child, answer), None

    def _delayed(self, block):
        """The block as it came in `latency` frames ago, good until the next."""
        dry, kept = self._line.process(block), min(len(block), 2)
        self._dry_before[:-kept] = self._dry_before[kept:]
        self._dry_before[2 - kept :] = dry[len(dry) - kept :]
        return dry


@dataclass(frozen=True)
class _Listener:
    """What an editor does to the plug-in that plays. Fields as of `open_editor`."""

    hosted: HostedPlugin
    tell: TellEdited
    end: Callable[[str], object]

    def turned(self, gesture, values):
        ids = [parameter.id for parameter in self.hosted.description.parameters]
        self.tell(gesture, {ids[place]: value for place, value in values.items()}, None)

    def changed(self, state):
        self.tell(0, {}, self.hosted._adopt(state))

    def ended(self, line):
        self.hosted._editor = None
        self.end(line and f"the editor of {self.hosted.description.name} {line}; its sound goes on")


def _tail_s(category):
    return _LONG_TAIL_S if any(name in category.lower() for name in _LONG_TAILS) else _TAIL_S
