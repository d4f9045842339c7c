"""The effects by name. A new one is its file in this room and its line here."""

from collections.abc import Callable, Iterable

from common.errors import SynthError
from engine.effects.chain import Chain
from engine.effects.processor import Processor

EFFECTS: dict[str, Callable[[], Processor]] = {}


def chain_of(names: Iterable[str]) -> Chain:
    """The effects of these names in this order, yet to be prepared; a name may come twice, as two effects.

    Raises SynthError for a name that is not in the table, and for more names than a chain has room for.
    """
    return Chain([_make(name) for name in names])


def _make(name):
    if name not in EFFECTS:
        raise SynthError(f"effect {name!r}: there is none of this name; choose from {', '.join(EFFECTS) or 'none yet'}")
    return EFFECTS[name]()
