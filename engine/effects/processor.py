"""What an effect is: the life cycle that hosted plug-ins have, too."""

from collections.abc import Callable
from typing import Protocol, runtime_checkable

import numpy as np

from engine.parameters import Parameter
from presets.effects import Plugin

# (gesture, parameters by id, the plug-in where more than they has changed)
TellEdited = Callable[[int, dict[str, float], Plugin | None], object]


class Processor(Protocol):
    """Changes a stereo stream in place, block by block; the blocks' sizes change nothing in the sound.

    latency : frames by which the output comes later than the input; known once prepared
    tail : frames that still sound after the input's end, besides the latency; known once prepared
    """

    @property
    def latency(self) -> int: ...

    @property
    def tail(self) -> int: ...

    def prepare(self, rate: int, max_frames: int) -> None:
        """Get ready for blocks of up to `max_frames` frames at this rate: the only place that allocates."""

    def reset(self) -> None:
        """Silence inside, as just prepared: the same input then gives the same output, bit for bit."""

    def process(self, block: np.ndarray) -> None:
        """Change `block`, float32 (frames, 2), in place; any number of frames up to `max_frames`."""


class Effect(Processor, Protocol):
    """A processor with parameters that a chain can hold. It plays its sound alone: the chain mixes the dry one in."""

    def set(self, name: str, value: float) -> None:
        """Let a parameter go to a value in its unit, without a click. What is no parameter of it is ignored."""

    def close(self) -> None:
        """Give back what it holds outside of this process; it is not used again."""


@runtime_checkable
class PluginEffect(Effect, Protocol):
    """An effect that is somebody else's.

    notice : what is wrong with it, one line, or empty
    rows : of its parameters, by their ids
    defaults : parameter -> where it stands in the state that the slot gave it
    """

    notice: str
    rows: dict[str, Parameter]
    defaults: dict[str, float]

    def plugin(self) -> Plugin:
        """What a preset is to keep of it, its state among it."""

    def holds(self, plugin: Plugin) -> bool:
        """Whether it plays this plug-in in this state already, and need not be opened anew."""

    @property
    def editing(self) -> bool:
        """Whether its own window is open."""

    def open_editor(self, tell: TellEdited, ended: Callable[[str], object]) -> None:
        """Show its own window. Raises SynthError where it cannot be.

        tell : of what a hand does there; parameters are set by whoever is told
        ended : the window is gone; gets what was wrong with it, one line, or nothing. Both in a thread of the editor's
        """

    def close_editor(self) -> None:
        """Nothing where none is open."""
