"""How many voices this machine plays: the CPU decoder beside an eager torch loop of the same algorithm, in one run.

The two take turns, so that whatever else the machine does slows both. Figures are medians of the thread's own CPU
time for one step, in which all voices advance by one sample; wall time is given beside it. One core throughout.
"""

import json
import os
import platform
import time
from collections import deque
from statistics import median

import numpy as np

from engine.decoder.cpu import CpuDecoder
from models.config import GAIN_LOG_MAX, HARMONIC_LIMIT_HZ, MIDDLE_C_HZ, WaveNetConfig, phase_offsets
from models.excitation import NOISE_TAPS, noise_filters

VOICES = (1, 2, 4, 8, 16)
BLOCK = 64  # samples of one turn of the CPU decoder
EAGER_STEPS = 8  # samples of one turn of the eager loop
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
            if rows[-1]["cpu_us"] > HOPELESS * period_us:
                break
    finally:
        torch.set_num_threads(threads)
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "model": f"{config.width}/{config.skip_width}/{config.layers}",
        "period_us": period_us,
        "rows": rows,
        "voices": affordable(rows, period_us),
        "headroom": HEADROOM,
        "voices_with_headroom": affordable(rows, period_us * (1 - HEADROOM)),
    }


def affordable(rows: list[dict], budget_us: float) -> int:
    """Voices whose step fits the budget: straight lines between the measured numbers, and on beyond the last."""
    counts = [0] + [row["voices"] for row in rows]
    costs = [0.0] + [row["cpu_us"] for row in rows]
    if costs[-1] <= budget_us:
        return int(counts[-1] * budget_us / costs[-1])
    return max(n for n in range(counts[-1]) if np.interp(n, counts, costs) <= budget_us)


def table(result: dict) -> str:
    """The figures as text."""
    period = result["period_us"]
    lines = [
        f"{result['processor']}, {result['cores']} cores, load {result['load']}; network {result['model']}",
        f"one core, CPU time; real time is {period:.1f} us a step",
        "",
        "voices   us/step  (wall)   of a core   eager torch us/step   faster by",
    ]
    for row in result["rows"]:
        lines.append(
            f"{row['voices']:6d} {row['cpu_us']:9.1f} {row['cpu_wall_us']:7.1f} {row['cpu_us'] / period:10.0%} "
            f"{row['eager_us']:21.0f} {row['eager_us'] / row['cpu_us']:10.0f}x"
        )
    lines += [
        "",
        f"voices in real time on one core: {result['voices']}; "
        f"with {result['headroom']:.0%} of it left free: {result['voices_with_headroom']}",
    ]
    return "\n".join(lines)


def _compare(config, weights, voices):
    """One row: both decoders in turns."""
    cpu = CpuDecoder(config, weights, voices, BLOCK)
    eager = EagerLoop(config, weights, voices)
    rng = np.random.default_rng(0)
    latents = rng.standard_normal((voices, config.latent)).astype(np.float32)
    arguments = (
        np.arange(voices),
        latents,
        np.full((voices, BLOCK), F0_HZ, np.float32),
        np.zeros(voices, np.float32),
        rng.random((voices, BLOCK), np.float32),
        np.zeros((voices, BLOCK), np.float32),
    )
    eager.hold(latents)
    ours, theirs = [], []
    for _ in range(TURNS):
        ours.append(_timed(lambda: cpu.render(*arguments), BLOCK))
        theirs.append(_timed(lambda: eager.render(EAGER_STEPS), EAGER_STEPS))
    cpu_us, cpu_wall_us = (median(column) for column in zip(*ours[1:], strict=True))
    eager_us, eager_wall_us = (median(column) for column in zip(*theirs[1:], strict=True))
    return {
        "voices": voices,
        "cpu_us": cpu_us,
        "cpu_wall_us": cpu_wall_us,
        "eager_us": eager_us,
        "eager_wall_us": eager_wall_us,
    }


def _timed(work, steps):
    """(CPU time of this thread, wall time) of one step, microseconds."""
    thread, wall = time.thread_time(), time.perf_counter()
    work()
    return (time.thread_time() - thread) * 1e6 / steps, (time.perf_counter() - wall) * 1e6 / steps


def _processor():
    """The processor's name as Linux gives it, else what the platform says."""
    try:
        with open("/proc/cpuinfo") as file:
            names = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()


class EagerLoop:
    """Fast generation as one writes it in torch: a queue of past inputs per layer, one sample of all voices a step.

    Greedy, at F0_HZ, without loudness and motion, its noise silent (but computed); all voices start together. It is
    here to be compared with, not to play.
    """

    def __init__(self, config: WaveNetConfig, weights: dict[str, np.ndarray], voices: int):
        import torch

        self._torch = torch
        self.config = config
        self._voices = voices
        self._get = {
            name.removeprefix("decoder."): torch.from_numpy(values)
            for name, values in weights.items()
            if name.startswith("decoder.")
        }
        zeros = torch.zeros(voices, config.width)
        past = config.taps - 1
        self._queues = [deque([zeros] * past * int(d), past * int(d)) for d in config.dilations]
        self._signal = deque([torch.zeros(voices, config.inputs)] * config.taps, config.taps)
        self._heard = torch.zeros(voices, 1)
        self._white = torch.zeros(voices, NOISE_TAPS)
        self._samples = 0

    def hold(self, latents: np.ndarray) -> None:
        """Conditioning maps of latents (voices, latent) that stay. The expensive part that no sample repeats."""
        torch, config, get = self._torch, self.config, self._get
        parts = [torch.from_numpy(latents[:, : config.timbre])]
        if config.pitch:
            note = round(69 + 12 * np.log2(F0_HZ / 440))
            parts.append(torch.nn.functional.one_hot(torch.full((self._voices,), note), 128).float())
        if config.harmonics:
            parts.append(torch.full((self._voices, 1), 0.5 * float(np.log2(F0_HZ / MIDDLE_C_HZ))))
        given = torch.cat(parts, 1)
        self._conditions = given @ get["cond.weight"][:, 0] + (get["cond.bias"] + get["dilated.bias"])[:, None]
        self._out1_bias = given @ get["cond_out1.weight"][0] + get["cond_out1.bias"] + get["out1.bias"]
        if config.harmonics:
            hidden = torch.relu(given @ get["gain1.weight"][0] + get["gain1.bias"])
            log_gains = hidden @ get["gain2.weight"][0] + get["gain2.bias"]
            gains = torch.exp(log_gains.clamp(max=GAIN_LOG_MAX))
            self._amplitudes, levels = gains[:, : config.harmonics], gains[:, config.harmonics :]
            if config.noise:
                self._noise_taps = levels @ torch.from_numpy(noise_filters(config).astype(np.float32))

    def render(self, samples: int) -> np.ndarray:
        """The next samples as the network hears them, float32 (voices, samples)."""
        torch = self._torch
        with torch.inference_mode():
            return torch.cat([self._step() for _ in range(samples)], 1).numpy()

    def _step(self):
        torch, config, get = self._torch, self.config, self._get
        x = self._enter()
        skip = x @ get["skip_start.weight"][0] + get["skip_start.bias"]
        for layer, queue in enumerate(self._queues):
            dilation = int(config.dilations[layer])
            taps = [queue[k * dilation] for k in range(config.taps - 1)] + [x]
            a = self._conditions[layer] + torch.cat(taps, 1) @ get["dilated.weight"][layer].flatten(0, 1)
            queue.append(x)
            gated = torch.sigmoid(a[:, : config.width]) * torch.tanh(a[:, config.width :])
            x = x + gated @ get["res.weight"][layer, 0] + get["res.bias"][layer]
            skip = skip + gated @ get["skip.weight"][layer, 0] + get["skip.bias"][layer]
        hidden = torch.relu(torch.relu(skip) @ get["out1.weight"][0] + self._out1_bias)
        self._heard = self._draw(hidden @ get["logits.weight"][0] + get["logits.bias"])
        self._samples += 1
        return self._heard

    def _enter(self):
        """Start convolution and harmonics of this sample: (voices, width)."""
        torch, config, get = self._torch, self.config, self._get
        known = [torch.ones(self._voices, 1)] if config.inputs == 2 else []
        self._signal.append(torch.cat([self._heard, *known], 1))
        x = torch.cat(list(self._signal), 1) @ get["start.weight"].flatten(0, 1) + get["start.bias"]
        if not config.harmonics:
            return x
        k = np.arange(1, config.harmonics + 1)
        angles = 2 * np.pi * (k * F0_HZ * self._samples / config.rate % 1) + phase_offsets(config.harmonics)
        angles = torch.from_numpy(angles.astype(np.float32))
        amplitudes = self._amplitudes * torch.from_numpy((k * F0_HZ < HARMONIC_LIMIT_HZ).astype(np.float32))
        parts = [torch.sin(angles) * amplitudes, torch.cos(angles) * amplitudes]
        if config.noise:
            self._white = torch.cat([torch.zeros(self._voices, 1), self._white[:, :-1]], 1)
            parts.append((self._white * self._noise_taps).sum(1, keepdim=True))
        return x + torch.cat(parts, 1) @ get["excitation.weight"][0] + get["excitation.bias"]

    def _draw(self, outputs):
        """Greedy: the likeliest class, or the mean of the mixture, as the network hears it: (voices, 1)."""
        torch = self._torch
        if not self.config.mixture:
            return (outputs.argmax(1, keepdim=True) - 128) / 128
        weights, means, _ = outputs.chunk(3, 1)
        return (torch.softmax(weights, 1) * means).sum(1, keepdim=True).clamp(-1, 1)
