"""How many voices this machine plays."""

from synthapp.commands.options import AsJson, Ema, Hop, Stages, Weights, weights_path


def bench(
    weights: Weights = None,
    as_json: AsJson = False,
    hop: Hop = 512,
    stages: Stages = 10,
    ema: Ema = False,
) -> None:
    """Voices in real time on this machine, beside torch, eager and scripted."""
    from engine.decoder.measure import bench as benchmark
    from models import checkpoints

    benchmark.bench(*checkpoints.read(weights_path(weights), hop, stages, ema), as_json)
