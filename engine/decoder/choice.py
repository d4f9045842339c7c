"""The precision and the cores that play so many voices on this machine, and how many voices these then hold.

Measured once, then remembered.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast, get_args

from engine.decoder import speed
from engine.decoder.memory import Memory
from engine.decoder.protocol import Decoder, DecoderChoice, Precision, PrecisionWish, Wish, rows_of_a_voice

_PRECISIONS = get_args(PrecisionWish)
Make = Callable[[Precision, int], Decoder]


def choose(make: Make, wish: Wish, version: str, folder: Path | None = None) -> tuple[Precision, int]:
    """The first of the candidates that plays so many voices with headroom; the fastest where none does.

    Fewer cores come before more, and float32 before int8.

    make : builds the decoder to be measured; wish : what was asked for, "auto" and 0 being anything
    version : of the decoder's code: another one is measured anew
    folder : where results are kept, see `Memory`
    """
    config, voices, precision, cores = wish.checkpoint.config, wish.voices, wish.choice.precision, wish.choice.cores
    candidates = list(_candidates(precision, cores))
    if len(candidates) == 1:
        return candidates[0]
    memory = Memory(folder)
    key = f"{speed.processor()}, {os.cpu_count()} cores; {version}; {config}; {voices}, {precision}, {cores}"
    known = memory.recall(key)
    chosen = next((each for each in candidates if list(each) == known), None)
    if chosen is None:
        chosen, us = _measure(make, config, voices, candidates, wish.tell)
        memory.keep(key, chosen)
        if us / voices > 1e6 / config.rate:  # not even one
            memory.keep(_slow(key), us)
    us = memory.recall(_slow(key))
    if isinstance(us, float):
        wish.warn(speed.too_slow("this processor", voices, us, config.rate))
    return chosen


def held(
    open_: Callable[[], Decoder], asked: DecoderChoice, key: str, least: int, most: int, folder: Path | None = None
) -> tuple[int, DecoderChoice]:
    """How many voices a machine plays with headroom on the decoder that is opened for `least`, and the choice of that.

    open_ : makes it; key : says what it is made of
    least, most : no fewer and no more are returned, whatever is measured; of the least the choice is as asked for
    """
    memory, key = Memory(folder), f"voices of {speed.processor()}, {os.cpu_count()} cores; {key}; {asked}, {least}"
    match memory.recall(key):
        case [int(voices), str(found), int(cores)] if found in _PRECISIONS:
            precision = cast(PrecisionWish, found)
        case _:
            decoder = open_()
            rows, cores = least * rows_of_a_voice(decoder.config), getattr(decoder, "cores", 0)
            us = speed.step_us(decoder, rows, cores) if cores else speed.live_us(decoder, rows)
            voices = int(least * (1 - speed.HEADROOM) * 1e6 / decoder.config.rate / us)
            precision = getattr(decoder, "precision", asked.precision)
            decoder.close()
            memory.keep(key, (voices, precision, cores))
    if voices <= least:
        return least, asked
    return min(voices, most), replace(asked, precision=cast(PrecisionWish, precision), cores=cores)


def _slow(key):
    return f"microseconds of {key}"


def _candidates(precision, cores) -> Iterator[tuple[Precision, int]]:
    there = os.cpu_count() or 1
    every = [cores] if cores else [count for count in (1, 2, 4, 8) if count <= there]
    precisions: tuple[Precision, ...] = ("float32", "int8") if precision == "auto" else (precision,)
    return ((each, count) for count in every for each in precisions)


def _measure(make, config, voices, candidates, tell):
    budget_us = 1e6 / config.rate * (1 - speed.HEADROOM)
    times = {}
    for precision, cores in candidates:
        tell(f"measuring how many voices this machine plays: {precision} on {cores} core{'s' if cores > 1 else ''}")
        decoder = make(precision, cores)
        times[precision, cores] = speed.step_us(decoder, voices, cores)
        decoder.close()
        if times[precision, cores] <= budget_us:
            break
    return min(times.items(), key=lambda each: each[1])
