"""How many voices this machine plays: the CPU decoder in each precision and on several cores, beside torch.

All take turns in one run. Figures are medians of the time of one step, in which all voices advance by one sample.
"""

import json
import os
from collections.abc import Callable
from statistics import median

import numpy as np

from engine.decoder.cpu.cores import Cores
from engine.decoder.measure.peak import MULTIPLY_ADDS, multiply_adds
from engine.decoder.opening import open_decoder
from engine.decoder.protocol import Decoder, DecoderChoice, Precision, rows_of_a_voice
from engine.decoder.speed import F0_HZ, HEADROOM, SAMPLES, chord, in_turns, processor, step_us
from models.checkpoints import Checkpoint
from models.config import WaveNetConfig

VOICES = (1, 4, 8, 16, 32)
PRECISIONS: tuple[Precision, ...] = ("float32", "int8")
TORCH_SAMPLES = 8  # of one turn of a torch loop
PEAK_TURNS = 2000000  # some 5 ms: to wake a core is then nothing
TURNS = 15
HOPELESS = 8  # more voices are not tried once a step takes this many sample periods


def bench(checkpoint: Checkpoint, as_json: bool = False) -> dict:
    """Measure, print a table (or JSON) and return the plain data of `measure`."""
    result = measure(checkpoint)
    print(json.dumps(result, indent=1) if as_json else table(result))
    return result


def bench_alone(checkpoint: Checkpoint, as_json: bool = False) -> dict:
    """Of a model that one decoder plays on one core, beside no other: as `bench`, of `measure_alone`."""
    result = measure_alone(checkpoint)
    shape = f"{result['kind']} model, {result['rows_of_a_voice']} rows a voice, one core"
    lines = [
        f"{result['processor']}, load {result['load']}; {shape}",
        f"microseconds of a step; real time is {result['period_us']:.1f}",
        *(f"{voices:6d} voices {each:10.2f}" for voices, each in result["us"].items()),
        f"in real time: {result['voices']} voices, {result['voices_with_headroom']} with {HEADROOM:.0%} of a core free",
    ]
    print(json.dumps(result, indent=1) if as_json else "\n".join(lines))
    return result


def measure_alone(checkpoint: Checkpoint) -> dict:
    """Times a step of one decoder on one core for growing numbers of voices, in microseconds."""
    rows = rows_of_a_voice(checkpoint.config)
    decoder = open_decoder(checkpoint, max(VOICES))
    us = {voices: step_us(decoder, rows * voices, 1) for voices in VOICES}
    decoder.close()
    period_us = 1e6 / checkpoint.config.rate
    return {
        "processor": processor(), "load": round(os.getloadavg()[0], 2), "kind": checkpoint.kind,
        "rows_of_a_voice": rows, "period_us": period_us, "us": us, "voices": affordable(us, period_us),
        "headroom": HEADROOM, "voices_with_headroom": affordable(us, period_us * (1 - HEADROOM)),
    }  # fmt: skip


def measure(checkpoint: Checkpoint) -> dict:
    """Times a step for growing numbers of voices, all in microseconds, and what follows for real time."""
    import torch

    config, threads = checkpoint.config, torch.get_num_threads()
    torch.set_num_threads(1)
    period_us = 1e6 / config.rate
    rows: list[dict] = []
    try:
        for voices in VOICES:
            rows.append(_compare(checkpoint, voices))
            if min(rows[-1]["us"].values()) > HOPELESS * period_us:
                break
    finally:
        torch.set_num_threads(threads)
    peaks = {cores: median(row["peaks"][cores] for row in rows) for cores in _counts()}
    work = multiply_adds_of_a_sample(config)
    for row in rows:
        del row["peaks"]
        row["of_peak"] = {name: row["voices"] * work / us / peaks[_cores(name)] for name, us in row["us"].items()}
    costs = {name: {row["voices"]: row["us"][name] for row in rows} for name in rows[0]["us"]}
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "model": f"{config.width}/{config.skip_width}/{config.layers}",
        "period_us": period_us,
        "multiply_adds_per_us": peaks,
        "multiply_adds_of_a_sample": work,
        "rows": rows,
        "voices": {name: affordable(cost, period_us) for name, cost in costs.items()},
        "headroom": HEADROOM,
        "voices_with_headroom": {name: affordable(cost, period_us * (1 - HEADROOM)) for name, cost in costs.items()},
    }


def affordable(costs: dict[int, float], budget_us: float) -> int:
    """Voices whose step fits the budget: straight lines between what was measured, and on beyond the last.

    costs : microseconds of a step, by voices
    """
    counts, costs_us = [0, *costs], [0.0, *costs.values()]
    if costs_us[-1] <= budget_us:
        return int(counts[-1] * budget_us / costs_us[-1])
    return max(n for n in range(counts[-1]) if np.interp(n, counts, costs_us) <= budget_us)


def multiply_adds_of_a_sample(config: WaveNetConfig) -> int:
    """Of one voice, conditioning and excitation left out."""
    width, skip = config.width, config.skip_width
    layers = config.layers * (config.taps * width * 2 * width + width * width + width * skip)
    inputs = config.excitation + config.taps * config.inputs
    return inputs * width + width * skip + layers + skip * skip + skip * config.outputs


def table(result: dict) -> str:
    """The figures as text."""
    names = list(result["voices"])
    peaks = (f"{peak / 1000:.0f} by x {cores}" for cores, peak in result["multiply_adds_per_us"].items())
    lines = [
        f"{result['processor']}, {result['cores']} cores, load {result['load']}; network {result['model']}",
        f"microseconds of a step; real time is {result['period_us']:.1f}; thousand million pairs of float32 multiplied "
        f"and added a second: {', '.join(peaks)}",
        "",
        "voices" + "".join(f"{name:>16}" for name in names) + "     torch eager     TorchScript   faster than eager by",
    ]
    for row in result["rows"]:
        faster = ", ".join(
            f"{name.split()[0]} {row['eager_us'] / row['us'][name]:.0f}x" for name in names if _cores(name) == 1
        )
        times = "".join(f"{row['us'][name]:16.1f}" for name in names)
        lines.append(f"{row['voices']:6d}{times}{row['eager_us']:16.0f}{row['script_us']:16.0f}   {faster}")
    lines += ["", "in real time    voices   with headroom   of the peak at most"]
    for name in names:
        share = max(row["of_peak"][name] for row in result["rows"])
        lines.append(f"{name:14}{result['voices'][name]:8d}{result['voices_with_headroom'][name]:16d}{share:20.0%}")
    return "\n".join([*lines, "", f"with headroom: {result['headroom']:.0%} of each core left free"])


def _compare(checkpoint, voices):
    """One row: everything in turns."""
    from engine.decoder.measure.torch_loop import TorchLoop

    config, weights = checkpoint.network
    arguments = chord(config, voices)
    decoders = {
        f"{precision} x {cores}": open_decoder(checkpoint, voices, DecoderChoice("cpu", precision, cores))
        for cores in _counts()
        for precision in PRECISIONS
    }
    loops = {name: TorchLoop(config, weights, voices, name == "script") for name in ("eager", "script")}
    for loop in loops.values():
        loop.hold(arguments[1], F0_HZ)
    work: dict[str, tuple[Callable, int, int]] = {
        name: (lambda decoder=decoder: decoder.render(*arguments), SAMPLES, _cores(name))
        for name, decoder in decoders.items()
    }
    work |= {name: (lambda loop=loop: loop.render(TORCH_SAMPLES), TORCH_SAMPLES, 1) for name, loop in loops.items()}
    teams = {cores: Cores(cores, lambda _: multiply_adds(PEAK_TURNS)) for cores in _counts()}
    work |= {
        f"peak x {cores}": (lambda team=team, cores=cores: team.run(cores), PEAK_TURNS, cores)
        for cores, team in teams.items()
    }
    us = in_turns(work, TURNS)
    workers: list[Decoder | Cores] = [*decoders.values(), *teams.values()]
    for worker in workers:
        worker.close()
    return {
        "voices": voices,
        "us": {name: us[name] for name in decoders},
        "eager_us": us["eager"],
        "script_us": us["script"],
        "peaks": {cores: cores * MULTIPLY_ADDS / us[f"peak x {cores}"] for cores in teams},
    }


def _counts():
    """Of cores that are compared: one, two, all."""
    return sorted({1, min(2, os.cpu_count() or 1), os.cpu_count() or 1})


def _cores(name):
    """Of "int8 x 2"."""
    return int(name.split()[-1])
