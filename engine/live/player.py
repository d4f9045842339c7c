"""The render thread: events in, blocks of the Synth out, into the ring of the open output.

Threading model:
  render thread: `step` and all it calls; the only thread that touches the synth
  MIDI threads : `play` with the time of the event
  main thread  : `play`, `snapshot` and the plain attributes
  chores thread: `play`, `record`, `take`, `load_sound`, `change`, `change_effects`, `restart`, `switch`, `start`,
                 `stop`

Nothing here opens files or devices, and no exception leaves the render thread.
"""

import contextlib
import os
import queue
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from common.errors import GpuError, SynthError
from engine.commands import LetGo, MusicalEvent
from engine.decoder.protocol import Precision
from engine.effects.chain import Chain
from engine.effects.insert import Insert
from engine.live.clock import BlockClock
from engine.live.cushion import Cushion
from engine.live.leaving import Leaving
from engine.live.ring import Word
from engine.live.shedding import Shedder
from engine.live.tape import Tape
from engine.performance import Chained, Heard, Limited, Take
from engine.synth import Synth
from engine.telemetry import Sounding, Standing
from models.config import tick_samples
from presets.effects import Slot

_PRIORITY = 20  # SCHED_FIFO; below JACK's own threads
_SHORTEST_SLEEP_S = 0.001
_SMOOTHING = 0.1  # share of the newest block in the load: 40 ms
_HIGHEST_LOAD = 2.0  # of one block that is shown
_MUTE_S = 0.1  # of silence after a fault, so that one in every block does not take the machine
_REST_S = 1.0  # of silence
_NEWS_S = 10.0  # how long a fault is told
_LEAVE_PATIENCE_S = 2.0


@dataclass(frozen=True)
class Snapshot:
    """What the synth looked like after one block; see `Telemetry`."""

    pad: tuple[float, float] = (0.5, 0.5)
    voices: tuple[Sounding, ...] = ()
    standing: tuple[Standing, ...] = ()
    peak: tuple[float, float] = (0.0, 0.0)
    samples: int = 0
    memory: tuple[MusicalEvent, ...] = ()
    turned: dict[str, float] = field(default_factory=dict)
    heard: tuple[int, str] = (0, "")
    beyond: bool = False


class Player:
    """Keeps the output's ring filled.

    build : makes a silent Synth for a device rate, with this chain of effects, which it prepares
    output : a DeviceStream or a NullStream
    rate : of the model; polyphony : voices at once
    blocks : rendered so far; stands still only if the thread does
    load, latency_s : smoothed
    tape : what was played lately
    fault : what went wrong lately, one line
    lost : why the decoder's GPU plays no more, one line; silence until `restart`
    """

    def __init__(
        self, build: Callable[[int, Chain], Synth], output, rate: int, polyphony: int, clock=time.monotonic,
        sleep=time.sleep,
    ):  # fmt: skip
        self.output = output
        self._set_polyphony(polyphony)
        self.blocks = 0
        self.load = self.latency_s = 0.0
        self.fault = self.lost = ""
        self._build = build
        self._synth = build(output.rate, Chain())
        self._leaving: Leaving | None = None
        self._clock = clock
        self._sleep = sleep
        self._set_rate(rate)
        self._inbox: queue.SimpleQueue = queue.SimpleQueue()
        self._tasks: queue.SimpleQueue = queue.SimpleQueue()
        self._latest = 0  # model sample of the last event with a time: they keep their order
        self._sound = None
        self.tape = Tape(rate)
        self._quiet_blocks = 0
        self._snapshot = Snapshot()
        self._asked = False
        self._muted_until = 0.0
        self._edge = np.zeros(2, np.float32)  # the last frame, where a fade after a fault begins
        self._use(output)
        self._running = True
        self._thread = threading.Thread(target=self._loop, name="render", daemon=True)

    # -- any thread

    def play(self, event: MusicalEvent, time: float | None = None) -> None:
        """Hand an event to the synth. time : when it arrived, on the monotonic clock; None: as soon as possible."""
        self._inbox.put((event, time))

    def snapshot(self) -> Snapshot:
        """The last one taken; asks for another, which the next block will bring."""
        self._asked = True
        return self._snapshot

    # -- chores thread

    def start(self) -> None:
        """Render from now on."""
        self._thread.start()

    def stop(self):
        """Ends the thread after its block."""
        self._running = False
        self._thread.join(timeout=1.0)

    @property
    def effects(self) -> Chain:
        """The chain that plays; only its `retired` is for other threads."""
        return self._synth.effects

    @property
    def max_frames(self) -> int:
        """Of the blocks that its inserts get."""
        return self._synth.max_frames

    def load_sound(self, sound) -> None:
        """Play this engine.voice.sound.Sound from the next block on, with its pad and parameters."""
        self._call(self._load, sound)

    def change_effects(self, inserts: tuple[Insert, ...], slots: tuple[Slot, ...]) -> None:
        """Play these inserts as these slots say, see `Chain.change`."""
        self._call(self._change_effects, (inserts, slots))

    def record(self) -> None:
        """Keep all that is played from now on."""
        self.tape.since = self._synth.samples

    @property
    def recorded_s(self) -> float | None:
        """How long a recording runs; None where none does."""
        since = self.tape.since
        return None if since is None else max(self._synth.samples - since, 0) / self._rate

    def take(self, seconds: float | None, model: str, precision: Precision, seed: int) -> Take:
        """What was recorded, or the last seconds; see `Tape.take`. Raises SynthError where there is nothing to take."""
        end, since = self._synth.samples, self.tape.since
        start = since if seconds is None else end - round(seconds * self._rate)
        if start is None:
            raise SynthError("nothing is recorded; start a recording, or take the last minute")
        if not self.tape.begun:
            raise SynthError(
                "nothing can be taken yet: a take begins in a moment of silence after the sound was loaded"
            )
        if seconds is None:
            self.tape.since = None
        return self.tape.take(start, end, model, precision, self.output.rate, self._polyphony, seed)

    def switch(self, output) -> None:
        """Fill another output from the next block on; the old one may be closed then."""
        self._call(self._use, output)

    def change(
        self, build: Callable[[int, Chain], Synth], rate: int, polyphony: int, sound, effects: Chain
    ) -> bool:  # fmt: skip
        """Play other weights with this sound from the next block on.

        The notes of the synth before are released and fade; pedals, bends and what else controllers say go on.

        build : as of the class, of the new weights; rate, polyphony : of their model; effects : not in use elsewhere
        returns : once the synth before has left; False where it has not in time, and may still be played
        """
        leaving = Leaving(self.output.rate, self._clock)
        self._call(self._replace, (build, build(self.output.rate, effects), rate, polyphony, sound, leaving))
        return leaving.gone.wait(_LEAVE_PATIENCE_S)

    def restart(self, build: Callable[[int, Chain], Synth], polyphony: int) -> None:
        """Play the same weights on another decoder, with sound, settings and controllers as before; notes are gone."""
        self._call(self._restart, (build, polyphony))

    def _call(self, action, argument):
        """Run in the render thread, between two blocks, and wait for it."""
        done = threading.Event()
        self._tasks.put((action, argument, done))
        done.wait(timeout=2.0)

    # -- render thread

    def _loop(self):
        _raise_priority()
        while self._running:
            self.step()

    def step(self) -> None:
        """One turn: a block if the ring has room for it, else a nap."""
        self.output.tick()
        if self._tasks.qsize():
            self._do_task()
        self._cushion.take(self.output.ring.count(Word.BURST))
        ahead = self.output.ring.fill - self._cushion.frames
        if ahead < 0:
            self._render()
        else:
            self._sleep(max(ahead / self.output.rate, _SHORTEST_SLEEP_S))

    def _do_task(self):
        action, argument, done = self._tasks.get_nowait()
        try:
            action(argument)
        except Exception as error:
            self._push(self._recover(error))
        finally:
            done.set()

    def _render(self):
        begin, voices = self._clock(), self._synth.voices
        try:
            self._rest()
            self._deliver(begin)
            audio = self._silence() if self.lost or begin < self._muted_until else self._advance()
            if self._asked:
                self._take_snapshot()
        except Exception as error:  # whatever it is, the instrument must play on
            audio = self._recover(error)
        fill = self.output.ring.fill
        self._push(audio)
        self._edge[:] = audio[-1]
        self.blocks += 1
        self._observe(fill, self._clock() - begin, max(voices, self._synth.voices))

    def _push(self, audio):
        """Into the ring, and before it what is dry into that of an output that wants it: the two stay in step."""
        if self.output.dry is not None:
            dry = self._synth.dry if len(self._synth.dry) == len(audio) else np.zeros_like(audio)
            self.output.dry.push(dry)
        self.output.ring.push(audio)

    def _advance(self):
        """The next block of the synth, over what is left of the one before."""
        audio = self._synth.advance()
        if self._leaving is not None and not self._leaving.add(audio):
            self._end_leaving()
        return audio

    def _deliver(self, now):
        """Hand over what has come in."""
        self._times.tick(now, self._synth.samples)
        for _ in range(self._inbox.qsize()):
            event, time = self._inbox.get_nowait()
            due = self._due(time)
            self.tape.write(self._synth.samples, Heard(event, due))
            self._synth.handle(event, due)

    def _rest(self):
        """In a silence, let another part of the tape begin: in a state that can be written down."""
        self._quiet_blocks = self._quiet_blocks + 1 if self._synth.idle and self._inbox.empty() else 0
        rests = self._quiet_blocks and self._sound is not None and self._leaving is None
        if self.tape.begun:
            rests = rests and self._quiet_blocks * self._block_s > _REST_S
            rests = rests and self.tape.since is None and not self.tape.empty
        if not rests:
            return
        synth = self._synth
        state, slots, at = synth.state(), synth.effects.slots, synth.samples
        synth.begin(self._sound, state, at)
        self.tape.begin(self._sound, slots, state, synth.polyphony, at)

    def _due(self, time):
        """The model sample at which an event of that time is heard; one without a time comes after those before it.

        All are as late: by the block in which they come, and by half of what the device takes at once, because blocks
        follow each other in such bursts. So the time between two keys is kept, and a key before another stays so.
        """
        if time is None:
            return max(self._synth.samples, self._latest)
        delay = self._tick + self._burst()
        earliest = self._synth.samples
        sample = min(self._times.sample_at(time) + delay, earliest + delay + self._tick)
        self._latest = max(sample, earliest, self._latest)
        return self._latest

    def _burst(self):
        """Half of what the device takes at once, in model samples."""
        return self._cushion.burst * self._rate // (2 * self.output.rate)

    def _load(self, sound):
        self.tape.write(self._synth.samples, sound)
        self._synth.load(sound)
        self._sound = sound

    def _change_effects(self, arguments):
        self._synth.effects.change(*arguments)
        self.tape.write(self._synth.samples, Chained(arguments[1]))

    def _replace(self, arguments):
        """Events that wait are for the new synth."""
        self.tape.clear()
        self._build, synth, rate, polyphony, self._sound, leaving = arguments
        self._set_rate(rate)
        self._set_polyphony(polyphony)
        self._block_frames = self._cushion.block = round(self._block_s * self.output.rate)
        synth.take_over(self._synth)
        synth.load(self._sound)
        synth.polyphony = self.shedder.voices
        self._synth.handle(LetGo())
        self._end_leaving()
        leaving.synth, self._leaving = self._synth, leaving
        if self.lost:  # it cannot be faded out
            self._end_leaving()
        self._synth, self._latest, self.lost = synth, 0, ""

    def _end_leaving(self):
        if self._leaving is not None:
            self._leaving.gone.set()
            self._leaving = None

    def _set_rate(self, rate):
        """Of the model."""
        self._rate = rate
        self._tick = tick_samples(rate)
        self._block_s = self._tick / rate
        self._times = BlockClock(rate, self._tick)

    def _set_polyphony(self, voices):
        """Of a decoder of which it is not known yet what a voice costs."""
        self._polyphony, self.shedder = voices, Shedder(voices)

    def _use(self, output):
        """A device that was not filled yet: its ring, its rate, its luck."""
        if output.rate != self.output.rate:
            self._rebuild(output.rate)
        self.output = output
        self._block_frames = round(self._block_s * output.rate)
        self._cushion = Cushion(self._block_frames)

    def _rebuild(self, rate):
        """A new synth with the old one's sound, standing where hands and controllers had brought it; notes are gone."""
        self.tape.clear()
        self._end_leaving()
        synth = self._build(rate, self._synth.effects)
        if self._sound is not None:
            synth.load(self._sound)
        synth.resume(self._synth)
        synth.polyphony = self.shedder.voices
        self._synth, self._latest = synth, 0

    def _restart(self, arguments):
        self._build, polyphony = arguments
        self._set_polyphony(polyphony)
        self._rebuild(self.output.rate)
        self.lost = ""

    def _take_snapshot(self):
        synth = self._synth
        self._asked = False
        self._snapshot = Snapshot(
            synth.pad,
            synth.sounding(),
            synth.standing(),
            synth.take_peaks(),
            synth.samples,
            synth.memory(),
            synth.steering.turned,
            synth.steering.heard,
            synth.beyond,
        )

    def _observe(self, fill, busy_s, voices):
        """Load and latency; fewer voices under overload, a wider cushion where the thread is woken too late."""
        load = own = busy_s / self._block_s
        if self._leaving is not None:
            self._leaving.observe(load)
            own -= self._leaving.busy_s / self._block_s
        self.load += _SMOOTHING * (min(load, _HIGHEST_LOAD) - self.load)
        frames = fill + self._synth.latency
        latency_s = (self._tick + self._burst()) / self._rate + frames / self.output.rate + self.output.latency_s
        self.latency_s += _SMOOTHING * (latency_s - self.latency_s)
        if self.shedder.observe(own, voices, self._synth.speed):
            self._synth.polyphony = self.shedder.voices
            self.tape.write(self._synth.samples, Limited(self.shedder.voices))
        if self.fault and self._clock() > self._muted_until + _NEWS_S:
            self.fault = ""
        self._cushion.observe(self._clock(), fill, self.output.ring.count(Word.MISSES))

    def _recover(self, error):
        """After an exception: fade out within this block, stay silent a while, go on with a new synth."""
        if isinstance(error, GpuError):
            self.lost = str(error)
            return self._fade_out()
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{os.path.basename(place.filename)} line {place.lineno}"
        self.fault = f"the sound failed and was started anew ({error!r} in {where}); please report it"
        self._muted_until = self._clock() + _MUTE_S
        try:
            self._rebuild(self.output.rate)
        except Exception as second:  # the old synth then tries again after the silence
            self.fault = f"the sound failed and cannot be started anew ({second}); restart the program"
        return self._fade_out()

    def _fade_out(self):
        return self._edge * np.linspace(1.0, 0.0, self._block_frames, dtype=np.float32)[:, np.newaxis]

    def _silence(self):
        return np.zeros((self._block_frames, 2), np.float32)


def _raise_priority():
    """Real-time scheduling for the calling thread where the system allows it; else it stays as it is."""
    with contextlib.suppress(PermissionError, AttributeError):  # no rtprio limit for this user, or not Linux
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(_PRIORITY))
