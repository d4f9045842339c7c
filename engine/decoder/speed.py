"""How long decoders take to play. Whoever is compared takes turns: what else the machine does slows all of them."""

import platform
import time
from collections.abc import Callable
from statistics import median

import numpy as np

from engine.decoder.protocol import Decoder

SAMPLES = 512  # of one turn
HEADROOM = 0.3  # share of a core left to everything else
F0_HZ = 220.0
_WARM_UP = 2  # turns that do not count
_LIVE_S = 0.25  # of measuring one on another device
_HOPELESS_US = 2000.0  # a step that takes so long is some 30 times too slow, whatever else the machine did
_FALL_ASLEEP_S = 0.02  # in which the threads of the other cores do (cores.py): awake, they would hinder the next turn


def chord(config, voices: int):
    """Arguments of `Decoder.render` for SAMPLES of so many voices of any sound."""
    rng = np.random.default_rng(0)
    latents = rng.standard_normal((voices, config.latent)).astype(np.float32)
    latents[:, config.timbre :] = 0  # no motion, the reference loudness
    return (
        np.arange(voices),
        latents,
        np.full((voices, SAMPLES), F0_HZ, np.float32),
        np.ones(voices, np.float32),
        rng.random((voices, SAMPLES), np.float32),
        np.zeros((voices, SAMPLES), np.float32),
    )


def step_us(decoder: Decoder, voices: int, cores: int, turns: int = 5) -> float:
    """Microseconds in which all voices advance by one sample. Who is hopeless is not measured for minutes."""
    arguments = chord(decoder.config, voices)
    rough = _rough_us(decoder, arguments)
    if rough > _HOPELESS_US:
        return rough
    return in_turns({"it": (lambda: decoder.render(*arguments), SAMPLES, cores)}, turns)["it"]


def live_us(decoder: Decoder, voices: int) -> float:
    """The same by the wall clock, in ticks as the instrument asks for them: of a decoder on another device."""
    slots, latents, f0_hz, temperature, uniforms, audio = chord(decoder.config, voices)
    tick = slice(0, min(decoder.config.tick, SAMPLES))
    arguments = slots, latents, f0_hz[:, tick], temperature, uniforms[:, tick], audio[:, tick]
    times: list[float] = []
    end = time.perf_counter() + _LIVE_S
    while len(times) <= _WARM_UP or time.perf_counter() < end:
        start = time.perf_counter()
        decoder.render(*arguments)
        times.append((time.perf_counter() - start) * 1e6 / tick.stop)
    return median(times[_WARM_UP:])


def too_slow(who: str, voices: int, us: float, rate: int) -> str:
    """What a player is told where a network cannot be played live. us : microseconds of a sample"""
    return (
        f"{who} plays {voices} voices of this network at {1000 / us:.1f} kHz, {rate / 1000:.0f} are needed; "
        "`freeze` renders a pad in bulk, to be played anywhere"
    )


def _rough_us(decoder, arguments):
    """Of a few samples, after one that wakes what sleeps."""
    slots, latents, f0_hz, temperature, uniforms, audio = arguments
    for part in (slice(0, 1), slice(1, 5)):
        start = time.perf_counter()
        decoder.render(slots, latents, f0_hz[:, part], temperature, uniforms[:, part], audio[:, part])
    return (time.perf_counter() - start) * 1e6 / 4


def in_turns(work: dict[str, tuple[Callable, int, int]], turns: int) -> dict[str, float]:
    """Median microseconds of a step of each: the thread's own CPU time on one core, wall time on several.

    Where several cores work, a call before it wakes their threads, as in playing, where blocks follow each other.
    work : function, its steps, and the cores it works on
    """
    times: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(_WARM_UP + turns):
        for name, (function, steps, cores) in work.items():
            clock = time.perf_counter if cores > 1 else time.thread_time
            if cores > 1:
                function()
            start = clock()
            function()
            times[name].append((clock() - start) * 1e6 / steps)
            if cores > 1:
                time.sleep(_FALL_ASLEEP_S)
    return {name: median(values[_WARM_UP:]) for name, values in times.items()}


def processor() -> str:
    """Its name as Linux gives it, else what the platform says."""
    try:
        with open("/proc/cpuinfo") as file:
            names = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()
