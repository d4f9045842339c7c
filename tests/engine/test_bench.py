"""The benchmark compares like with like, and counts voices right. No times are asserted."""

import json

import numpy as np
import pytest

from engine import bench
from engine.decoder.cpu import CpuDecoder
from models.mulaw import expand, mulaw_decode
from models.spectrum import deemphasise
from tests.engine.decoder.networks import CONFIGS, random_weights


@pytest.mark.parametrize("name", CONFIGS)
def test_the_eager_loop_is_the_same_algorithm(name):
    config, voices, samples = CONFIGS[name], 3, 40
    weights = random_weights(config)
    latents = np.random.default_rng(0).standard_normal((voices, config.latent)).astype(np.float32)
    latents[:, config.timbre :] = 0.0  # no motion, the loudness of the reference
    eager = bench.EagerLoop(config, weights, voices)
    eager.hold(latents)
    heard = np.concatenate([eager.render(30), eager.render(10)], 1)
    expected = expand(heard) if config.mixture else mulaw_decode(np.rint(heard * 128).astype(int))
    audio = np.zeros((voices, samples), np.float32)
    f0_hz = np.full((voices, samples), bench.F0_HZ, np.float32)
    CpuDecoder(config, weights, voices).render(
        np.arange(voices),
        latents,
        f0_hz,
        np.zeros(voices, np.float32),
        np.full_like(f0_hz, 0.5),
        audio,  # no noise
    )
    np.testing.assert_allclose(audio, deemphasise(config, expected), rtol=0, atol=1e-4)


def rows(**costs):
    return [{"voices": int(name[1:]), "cpu_us": cost} for name, cost in costs.items()]


def test_voices_are_counted_between_and_beyond_what_was_measured():
    assert bench.affordable(rows(v1=10.0, v4=20.0, v8=40.0), 30.0) == 6
    assert bench.affordable(rows(v1=10.0, v4=20.0), 30.0) == 6
    assert bench.affordable(rows(v1=100.0), 62.5) == 0


def test_a_run_returns_plain_data_and_prints_either_way(monkeypatch, capsys):
    monkeypatch.setattr(bench, "TURNS", 2)
    monkeypatch.setattr(bench, "VOICES", (1, 4))
    config = CONFIGS["mixture"]
    result = bench.bench(config, random_weights(config), as_json=True)
    assert json.loads(capsys.readouterr().out) == result
    assert [row["voices"] for row in result["rows"]] == [1, 4]
    assert all(row["cpu_us"] > 0 and row["eager_us"] > 0 for row in result["rows"])
    text = bench.table(result)
    assert "voices in real time on one core" in text and "33/8/5" in text
