"""Bank select and program change: which preset is asked for. To load it is for others: the server, or `render`."""

from engine.commands import CHANNELS_OF_A_PORT, ControlChange, MusicalEvent, ProgramChange

BANK, BANK_FINE = 0, 32


class ProgramChanges:
    """Follows the events of all channels. channel : 0-15, the only one that counts, of every port; None: any

    A bank is what either of its two controllers says: keyboards send the number in one, and 0 in the other.
    """

    def __init__(self, channel: int | None = None):
        self._channel = channel
        self._banks: dict[tuple[int, int], int] = {}  # (channel, control) -> value

    def take(self, event: MusicalEvent) -> tuple[int, int] | None:
        """(bank, program) where this event asks for a preset."""
        if isinstance(event, ControlChange) and event.control in (BANK, BANK_FINE):
            self._banks[event.channel, event.control] = event.value
        if not isinstance(event, ProgramChange) or self._ignores(event.channel):
            return None
        coarse, fine = (self._banks.get((event.channel, control), 0) for control in (BANK, BANK_FINE))
        return coarse or fine, event.program

    def _ignores(self, channel):
        return self._channel not in (None, channel % CHANNELS_OF_A_PORT)
