"""The benchmark counts voices right and returns plain data. No times are asserted."""

import json

from engine.decoder.measure import bench
from models.checkpoints import Checkpoint
from models.config import WaveNetConfig
from tests.engine.decoder.networks import CONFIGS, random_weights


def test_voices_are_counted_between_and_beyond_what_was_measured():
    assert bench.affordable({1: 10.0, 4: 20.0, 8: 40.0}, 30.0) == 6
    assert bench.affordable({1: 10.0, 4: 20.0}, 30.0) == 6
    assert bench.affordable({1: 100.0}, 62.5) == 0


def test_multiply_adds_are_those_of_the_paper():
    """Published sizes of NSynth's decoder: 59.25 million a sample."""
    assert 59.0e6 < bench.multiply_adds_of_a_sample(WaveNetConfig()) < 59.5e6


def test_a_run_returns_plain_data_and_prints_either_way(monkeypatch, capsys):
    monkeypatch.setattr(bench, "TURNS", 2)
    monkeypatch.setattr(bench, "VOICES", (1, 4))
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    config = CONFIGS["mixture"]
    result = bench.bench(Checkpoint(config, random_weights(config), {}), as_json=True)
    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(result))
    assert [row["voices"] for row in result["rows"]] == [1, 4]
    assert list(result["voices"]) == ["float32 x 1", "int8 x 1", "float32 x 2", "int8 x 2"]
    for row in result["rows"]:
        assert min(*row["us"].values(), row["eager_us"], row["script_us"]) > 0
        assert all(0 < share < 10 for share in row["of_peak"].values())
    text = bench.table(result)
    assert "in real time" in text and "33/8/5" in text
