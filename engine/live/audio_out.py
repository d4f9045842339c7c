"""Which device is open: opens the one that is wished for, and looks for it again while it is not there.

Threading model: everything belongs to the chores thread; `stalled` and the plain attributes to any.
"""

import time

from common.errors import DeviceError
from engine.live import stream
from engine.live.player import Player
from engine.live.ring import Word
from engine.live.stream import DeviceStream, NullStream

DEFAULT_RATE = 48000  # of the null output
_STILL_S = 1.5  # without a callback, at least
_STILL_BLOCKS = 2.5  # of the device's, where these take longer


class AudioOut:
    """player : whose output this is

    device : label of the open device, or empty; devices : labels of all; notice : what is missing, one line
    xruns : callbacks that came late or found the ring empty
    """

    def __init__(self, player: Player):
        self._player = player
        self._wish: tuple | None = None  # device, rate, block, dry; None until somebody asks for sound
        self._beats, self._moved = -1, time.monotonic()
        self.devices: tuple[str, ...] = ()
        self.notice = ""

    @property
    def device(self) -> str:
        return self._player.output.label

    @property
    def xruns(self) -> int:
        ring = self._player.output.ring
        return ring.count(Word.MISSES) + ring.count(Word.FLAGGED)

    def open(self, device: str | None, rate: int | None, block: int, dry: bool = False) -> None:
        """Change to this device; None and 0 are its own choice. Where it cannot be had, play into nothing and retry.

        dry : four outputs of JACK, with the sound before the effects beside the other
        """
        self._wish = (device, rate, block, dry)
        self.close()
        self.retry()

    def retry(self) -> None:
        """If no device is open, see whether the wished one is there by now."""
        if self.device or self._wish is None:
            return
        try:
            stream.refresh()
            self.devices = stream.labels()
            output = _output(*self._wish)
        except DeviceError as error:
            self.notice = str(error)
            return
        self._player.switch(output)  # the ring fills while the device starts
        self._start(output)

    def _start(self, output):
        try:
            output.start()
            self.notice = ""
        except DeviceError as error:
            self.notice = str(error)
            self._player.switch(NullStream(output.rate))
            output.close()

    def close(self) -> None:
        """Play into nothing. Hangs if the sound server has died: see `stalled`."""
        output = self._player.output
        if output.label:
            self._player.switch(NullStream(output.rate))
            output.close()

    def stalled(self) -> bool:
        """Whether an open device has stopped calling: it was unplugged, or its server has died."""
        beats, now = self._player.output.ring.count(Word.BEATS), time.monotonic()
        if beats != self._beats or not self.device:
            self._beats, self._moved = beats, now
        return now - self._moved > max(_STILL_S, _STILL_BLOCKS * self._block_s)

    @property
    def _block_s(self):
        """Between two callbacks, as wished or as seen."""
        wished = self._wish[2] if self._wish else 0
        output = self._player.output
        return max(wished, output.ring.count(Word.LARGEST)) / output.rate


def _output(device, rate, block, dry):
    """Raises DeviceError."""
    if not dry:
        return DeviceStream(device, rate, block)
    from engine.live.jack_stream import JackStream  # looks for a library that not everybody has

    return JackStream()
