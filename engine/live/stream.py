"""Where the audio goes: a sound device through PortAudio with a compiled callback, or nowhere at the pace of the clock.

Threading model:
  chores thread : `refresh`, `labels`, `choose`, `DeviceStream` and its `start`, `close`
  render thread : `output.ring`, `output.tick`
  audio callback: `_callback`; copies, counts, beats, and runs no Python
  any thread    : reading counters

If the sound server dies, PortAudio hangs in `close` or aborts the process in `refresh`. So nobody waits for them: the
server watches the callback's heartbeat and ends the process, and the client starts another.
"""

import ctypes
import time

import numpy as np
from numba import carray, cfunc, types

from common.errors import DeviceError
from engine.live.ring import WORDS, Ring, Word, take

CLIENT_NAME = b"Manifold audio"  # under JACK
CAPACITY = 65536  # frames; the largest device block is 16384
_OUTPUT_UNDERFLOW = 4  # paOutputUnderflow
_LONGEST_LATENCY_S = 10.0  # beyond it nobody knows: PipeWire tells hours of a sink without hardware
_JACK = "JACK Audio Connection Kit"
_BEATS, _FLAGGED = int(Word.BEATS), int(Word.FLAGGED)
_LONGEST_US, _LAST_US = int(Word.LONGEST_US), int(Word.LAST_US)


@cfunc(
    types.intc(
        types.voidptr, types.CPointer(types.float32), types.ulong,
        types.CPointer(types.float64), types.ulong, types.voidptr,
    ),
    cache=True,
)  # fmt: skip
def _callback(_, output, frames, times, flags, block):
    """PaStreamCallback. times : input, now, output in seconds; block : the memory of a `Ring`."""
    now_us = types.int64(times[1] * 1e6)
    take(block, output, types.int64(frames), now_us)
    words = carray(block, (WORDS,), np.int64)
    if words[_BEATS] > 0:
        words[_LONGEST_US] = max(words[_LONGEST_US], now_us - words[_LAST_US])
    words[_LAST_US] = now_us
    words[_BEATS] += 1
    if flags & _OUTPUT_UNDERFLOW:
        words[_FLAGGED] += 1
    return 0


def _portaudio():
    """The sounddevice module; it looks for the library while it is imported. Raises DeviceError without it."""
    try:
        import sounddevice
    except OSError as error:
        raise DeviceError("no sound without PortAudio; install it: apt install libportaudio2") from error
    return sounddevice


def refresh():
    """Look for devices anew: PortAudio's list is frozen when it starts. Only while no stream is open."""
    sound = _portaudio()
    sound._terminate()
    try:
        ctypes.CDLL(sound._libname).PaJack_SetClientName(CLIENT_NAME)
    except (AttributeError, OSError):  # a PortAudio without JACK: nothing to name
        sound._initialize()
    else:
        sound._initialize()


def _outputs():
    """[(index, label)] of the devices that can play, those of JACK first."""
    sound = _portaudio()
    apis = [api["name"] for api in sound.query_hostapis()]
    found = []
    for index, device in enumerate(sound.query_devices()):
        if device["max_output_channels"] > 0:
            api = apis[device["hostapi"]]
            found.append((api != _JACK, index, f"{device['name']} ({'JACK' if api == _JACK else api})"))
    return [(index, label) for _, index, label in sorted(found)]


def labels():
    """Names of the devices that can play, as `choose` and the window know them. Empty without PortAudio."""
    try:
        return tuple(label for _, label in _outputs())
    except DeviceError:
        return ()


def choose(part=None):
    """(index, label) of the device whose label contains `part` in any case; an exact label wins.

    None takes JACK's if a server runs (whoever starts one wants it), else the system's default.
    Raises DeviceError where there is none.
    """
    outputs = _outputs()
    if not outputs:
        raise DeviceError("no audio device: connect one or start a JACK server")
    if part is None:
        default = _portaudio().query_hostapis(0)["default_output_device"]
        ours = [output for output in outputs if output[1].endswith("(JACK)") or output[0] == default]
        return (ours or outputs)[0]
    matches = [output for output in outputs if part.casefold() in output[1].casefold()]
    if not matches:
        raise DeviceError(f"no audio device matches {part!r}; there are: {', '.join(label for _, label in outputs)}")
    return next((output for output in matches if output[1] == part), matches[0])


class DeviceStream:
    """One open device.

    part : part of its label; rate : None is the device's own; block : frames a callback, 0 is the device's choice
    ring : what the callback drains; rate : frames per second; latency_s : of the device, as PortAudio knows it
    Raises DeviceError naming the device.
    """

    dry = None

    def __init__(self, part=None, rate=None, block=0):
        sound = _portaudio()
        index, self.label = choose(part)
        channels = min(2, sound.query_devices(index)["max_output_channels"])
        self.ring = Ring(CAPACITY, channels)
        try:
            self._stream = sound._StreamBase(
                kind="output", device=index, samplerate=rate, blocksize=block, channels=channels, dtype="float32",
                latency="low", callback=_callback.address, wrap_callback=None,
                userdata=sound._ffi.cast("void *", self.ring.address),
            )  # fmt: skip
        except (sound.PortAudioError, ValueError) as error:
            raise DeviceError(f"{self.label} cannot be opened: {error.args[0]}; try another device or rate") from error
        self.rate = round(self._stream.samplerate)
        told_s = float(self._stream.latency)
        self.latency_s = told_s if 0.0 <= told_s < _LONGEST_LATENCY_S else 0.0

    def start(self):
        """Let the callbacks begin. Raises DeviceError."""
        try:
            self._stream.start()
        except _portaudio().PortAudioError as error:
            raise DeviceError(f"{self.label} cannot be started: {error.args[0]}; try another device") from error

    def tick(self):
        """Nothing: the device drains the ring by itself."""

    def close(self):
        """Stop and close. Hangs if the sound server has died."""
        self._stream.abort()
        self._stream.close()


class NullStream:
    """No device: drains the ring at the pace of the clock, so that the window and its numbers live on."""

    label = ""
    latency_s = 0.0
    dry = None

    def __init__(self, rate=48000, clock=time.monotonic):
        self.rate = rate
        self.ring = Ring(CAPACITY)
        self._clock = clock
        self._last = clock()

    def start(self):
        """Nothing: the clock runs already."""

    def tick(self):
        """Take the frames that a device would have played by now."""
        played = int((self._clock() - self._last) * self.rate)
        self._last += played / self.rate
        self.ring.drop(played)

    def close(self):
        """Nothing is open."""
