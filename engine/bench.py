"""How many voices this machine plays: the CPU decoder in each precision and on several cores, beside torch.

All take turns in one run, so that whatever else the machine does slows all of them. Figures are medians of the time
of one step, in which all voices advance by one sample: the thread's own CPU time on one core, wall time on several.
"""

import json
import os
import platform
import time
from collections.abc import Callable
from statistics import median

import numpy as np

from engine.decoder.cpu import CpuDecoder
from engine.decoder.kernels.peak import MULTIPLY_ADDS, multiply_adds
from models.config import WaveNetConfig

VOICES = (1, 4, 8, 16, 32)
PRECISIONS = ("float32", "int8")
SAMPLES = 512  # of one turn of the CPU decoder
TORCH_SAMPLES = 8  # of one turn of a torch loop
PEAK_TURNS = 100000
TURNS = 15
HEADROOM = 0.3  # share of the core left to everything else
HOPELESS = 8  # more voices are not tried once a step takes this many sample periods
F0_HZ = 220.0


def bench(config: WaveNetConfig, weights: dict[str, np.ndarray], as_json: bool = False) -> dict:
    """Measure, print a table (or JSON) and return the plain data of `measure`."""
    result = measure(config, weights)
    print(json.dumps(result, indent=1) if as_json else table(result))
    return result


def measure(config: WaveNetConfig, weights: dict[str, np.ndarray]) -> dict:
    """Times a step for growing numbers of voices, all in microseconds, and what follows for real time."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    period_us = 1e6 / config.rate
    rows: list[dict] = []
    try:
        for voices in VOICES:
            rows.append(_compare(config, weights, voices))
            if min(rows[-1]["us"].values()) > HOPELESS * period_us:
                break
    finally:
        torch.set_num_threads(threads)
    peak = median(row.pop("peak") for row in rows)
    work = multiply_adds_of_a_sample(config)
    for row in rows:
        row["of_peak"] = {name: row["voices"] * work / us / peak for name, us in row["us"].items() if _cores(name) == 1}
    costs = {name: {row["voices"]: row["us"][name] for row in rows} for name in rows[0]["us"]}
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "model": f"{config.width}/{config.skip_width}/{config.layers}",
        "period_us": period_us,
        "multiply_adds_per_us": peak,
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
    lines = [
        f"{result['processor']}, {result['cores']} cores, load {result['load']}; network {result['model']}",
        f"microseconds of a step; real time is {result['period_us']:.1f}; a core multiplies and adds "
        f"{result['multiply_adds_per_us'] / 1000:.0f} thousand million pairs of float32 a second",
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
        shares = [row["of_peak"][name] for row in result["rows"] if name in row["of_peak"]]
        share = f"{max(shares):20.0%}" if shares else ""
        lines.append(f"{name:14}{result['voices'][name]:8d}{result['voices_with_headroom'][name]:16d}{share}")
    return "\n".join([*lines, "", f"with headroom: {result['headroom']:.0%} of each core left free"])


def _compare(config, weights, voices):
    """One row: everything in turns."""
    from engine.torch_loop import TorchLoop

    rng = np.random.default_rng(0)
    latents = rng.standard_normal((voices, config.latent)).astype(np.float32)
    latents[:, config.timbre :] = 0  # no motion, the reference loudness
    arguments = (
        np.arange(voices),
        latents,
        np.full((voices, SAMPLES), F0_HZ, np.float32),
        np.ones(voices, np.float32),
        rng.random((voices, SAMPLES), np.float32),
        np.zeros((voices, SAMPLES), np.float32),
    )
    decoders = {
        f"{precision} x {cores}": CpuDecoder(config, weights, voices, precision=precision, cores=cores)
        for cores in sorted({1, min(2, os.cpu_count() or 1), os.cpu_count() or 1})
        for precision in PRECISIONS
    }
    loops = {name: TorchLoop(config, weights, voices, name == "script") for name in ("eager", "script")}
    for loop in loops.values():
        loop.hold(latents, F0_HZ)
    work: dict[str, tuple[Callable, int]] = {
        **{name: (lambda decoder=decoder: decoder.render(*arguments), SAMPLES) for name, decoder in decoders.items()},
        **{name: (lambda loop=loop: loop.render(TORCH_SAMPLES), TORCH_SAMPLES) for name, loop in loops.items()},
        "peak": (lambda: multiply_adds(PEAK_TURNS), PEAK_TURNS),
    }
    us = _in_turns(work)
    for decoder in decoders.values():
        decoder.close()
    return {
        "voices": voices,
        "us": {name: us[name] for name in decoders},
        "eager_us": us["eager"],
        "script_us": us["script"],
        "peak": MULTIPLY_ADDS / us["peak"],
    }


def _in_turns(work):
    """Median microseconds of a step of each, from a first turn that does not count on. work : function, steps."""
    times: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(TURNS + 2):
        for name, (function, steps) in work.items():
            clock = time.perf_counter if _cores(name) > 1 else time.thread_time
            start = clock()
            function()
            times[name].append((clock() - start) * 1e6 / steps)
    return {name: median(values[2:]) for name, values in times.items()}


def _cores(name):
    """Of "int8 x 2"."""
    return int(name.split()[-1]) if " x " in name else 1


def _processor():
    """The processor's name as Linux gives it, else what the platform says."""
    try:
        with open("/proc/cpuinfo") as file:
            names = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()
