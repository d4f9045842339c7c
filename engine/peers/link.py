"""The tempo of an Ableton Link session in the local network, where aalink is installed.

Threading model: everything belongs to the chores thread.
"""

import asyncio

from common.errors import DeviceError
from engine.events.tempo import Source


class Link:
    """A Giver: joins the session, follows its tempo. Raises DeviceError without aalink."""

    source = Source.LINK

    def __init__(self, bpm: float = 120.0):
        try:
            import aalink
        except ImportError as error:
            raise DeviceError("Link: aalink is not installed; pip install aalink") from error
        self._link = asyncio.run(_joined(aalink, bpm))

    def bpm(self) -> float | None:
        """None while nobody else is in the session."""
        return self._link.tempo if self._link.num_peers else None

    def close(self) -> None:
        self._link.enabled = False


async def _joined(aalink, bpm):
    """It wants a running loop, for what is not used here."""
    link = aalink.Link(bpm)
    link.enabled = True
    return link
