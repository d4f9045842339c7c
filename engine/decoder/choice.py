"""The precision and the cores that play so many voices on this machine: measured once, then remembered."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import platformdirs

from common.atomic import replacing
from common.errors import SynthError
from engine.decoder import speed
from engine.decoder.protocol import Decoder, Precision, Wish

Make = Callable[[Precision, int], Decoder]


def choose(make: Make, wish: Wish, version: str, folder: Path | None = None) -> tuple[Precision, int]:
    """The first of the candidates that plays so many voices with headroom; the fastest where none does.

    Fewer cores come before more, and float32 before int8.

    make : builds the decoder to be measured; wish : what was asked for, "auto" and 0 being anything
    version : of the decoder's code: another one is measured anew
    folder : where results are kept (default: the user's cache); what is wrong there never hinders
    """
    config, voices, precision, cores = wish.checkpoint.config, wish.voices, wish.choice.precision, wish.choice.cores
    candidates = list(_candidates(precision, cores))
    if len(candidates) == 1:
        return candidates[0]
    path = (folder or platformdirs.user_cache_path("manifold")) / "speed.json"
    key = f"{speed.processor()}, {os.cpu_count()} cores; {version}; {config}; {voices}, {precision}, {cores}"
    known = _read(path)
    remembered = next((each for each in candidates if list(each) == known.get(key)), None)
    if remembered is not None:
        return remembered
    chosen = _measure(make, config, voices, candidates, wish.tell)
    _write(path, known | {key: chosen})
    return chosen


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
    return min(times, key=times.__getitem__)


def _read(path):
    """What was measured before; nothing where the file is missing or damaged."""
    try:
        known = json.loads(path.read_text())
    except (OSError, ValueError, RecursionError):
        return {}
    return known if isinstance(known, dict) else {}


def _write(path, known):
    """A cache: where it cannot be written, the next start measures again."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as temporary:
            temporary.write_text(json.dumps(known, indent=1))
    except (OSError, SynthError):
        pass
