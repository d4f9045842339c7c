"""MIDI Polyphonic Expression: which channels of a port are zones in which every note has a channel of its own.

The lower zone has its master on a port's first channel and its members above it, the upper one on the last and below
it. A registered parameter (number 6, on a master) says how many members a zone has; none: it is off. Growing one zone
shrinks the other. Source: MIDI Polyphonic Expression, version 1.1 (MMA/AMEI, M1-100-UM).
"""

import numpy as np

from engine.commands import CHANNELS, CHANNELS_OF_A_PORT, PORTS, MpeMode

MEMBER_BEND, MASTER_BEND = 48.0, 2.0  # semitones, until RPN 0 says otherwise
_MOST_MEMBERS = CHANNELS_OF_A_PORT - 1


def mode_of(name: str, modes: dict[str, MpeMode]) -> MpeMode:
    """Of a MIDI port, as `SetPortsMpe` means it."""
    fitting = [part for part in modes if part.casefold() in name.casefold()]
    return modes[max(fitting, key=len)] if fitting else "auto"


class Zones:
    """masters : int64 (channels,), the master of a member; of all others the channel itself
    members : bool (channels,)
    """

    def __init__(self):
        self.masters = np.arange(CHANNELS)
        self.members = np.zeros(CHANNELS, np.bool_)
        self._modes: list[MpeMode] = ["auto"] * PORTS
        self._sizes = [[0, 0] for _ in range(PORTS)]  # of the lower and the upper zone

    def reset(self) -> None:
        """No zones, but where they are always on."""
        for port in range(PORTS):
            self.set_mode(port, self._modes[port])

    def copy(self, other: "Zones") -> None:
        """The other's zones."""
        self.masters[:], self.members[:] = other.masters, other.members
        self._modes = other._modes.copy()
        self._sizes = [sizes.copy() for sizes in other._sizes]

    def set_mode(self, port: int, mode: MpeMode) -> list[int]:
        """auto : the port has the zones that it asks for; on : a lower zone of all its channels; off : none, ever.

        returns : the channels that are used otherwise now
        """
        self._modes[port] = mode
        return self._lay(port, [_MOST_MEMBERS, 0] if mode == "on" else [0, 0])

    def mode(self, port: int) -> MpeMode:
        """See `set_mode`."""
        return self._modes[port]

    def configure(self, channel: int, members: int) -> list[int]:
        """Registered parameter 6 was set on a channel; where that is no master, it means nothing.

        returns : the channels that are used otherwise now
        """
        port, place = divmod(channel, CHANNELS_OF_A_PORT)
        if self._modes[port] != "auto" or place not in (0, CHANNELS_OF_A_PORT - 1):
            return []
        upper = int(place != 0)
        sizes = [0, 0]
        sizes[upper] = min(max(members, 0), _MOST_MEMBERS)
        other = self._sizes[port][1 - upper]
        # Two zones have two masters, so that fourteen members are left for both.
        sizes[1 - upper] = min(other, max(_MOST_MEMBERS - 1 - sizes[upper], 0)) if sizes[upper] else other
        return self._lay(port, sizes)

    def of(self, master: int) -> list[int]:
        """The members of a master's zone; none where it is no master."""
        if self.members[master]:
            return []
        return [int(channel) for channel in np.flatnonzero(self.members & (self.masters == master))]

    def zone(self, member: int) -> list[int]:
        """All members of a member's zone; of any other channel, the channel alone."""
        return self.of(int(self.masters[member])) if self.members[member] else [member]

    def sizes(self, port: int) -> tuple[int, int]:
        """Members of the lower and of the upper zone."""
        lower, upper = self._sizes[port]
        return lower, upper

    def _lay(self, port, sizes):
        """Give the port zones of these sizes."""
        first = port * CHANNELS_OF_A_PORT
        last = first + CHANNELS_OF_A_PORT - 1
        channels = slice(first, last + 1)
        before = self.masters[channels].copy()
        lower, upper = self._sizes[port] = list(sizes)
        self.masters[channels] = np.arange(first, last + 1)
        self.masters[first + 1 : first + 1 + lower] = first
        self.masters[last - upper : last] = last
        self.members[channels] = self.masters[channels] != np.arange(first, last + 1)
        return [first + int(at) for at in np.flatnonzero(self.masters[channels] != before)]
