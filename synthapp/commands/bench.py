"""How many voices this machine plays."""

from synthapp.commands.options import AsJson, Docs, Ema, Hop, Stages, Weights, source_of


def bench(
    weights: Weights = None,
    as_json: AsJson = False,
    docs: Docs = None,
    hop: Hop = 512,
    stages: Stages = 10,
    ema: Ema = False,
) -> None:
    """Voices in real time on this machine, beside torch, eager and scripted."""
    from engine.decoder.measure import bench as benchmark
    from models import checkpoints
    from synthapp.docs import check_marks, origin, write_table
    from synthapp.sounds.playable import with_frames

    if docs:
        check_marks(docs)
    checkpoint = with_frames(checkpoints.read(source_of(weights, hop, stages, ema)))
    result = benchmark.bench(checkpoint, as_json)
    if docs:
        about = f"{origin()}; weights {checkpoint.fingerprint}, network {result['model']}."
        write_table(docs, f"{about}\n\n{steps(result)}\n\n{voices(result)}")


def steps(result: dict) -> str:
    """Markdown: how long all voices take to advance by one sample. result : of `bench.measure`"""
    names = list(result["voices"])
    head = ["voices", *names, "eager torch", "TorchScript", *(f"{name} faster than eager" for name in names)]
    lines = [
        f"Microseconds in which all voices advance by one sample; real time is {result['period_us']:.1f}. "
        f"The machine's load at the end was {result['load']}.",
        "",
        f"| {' | '.join(head)} |",
        "| --- " * len(head) + "|",
    ]
    for row in result["rows"]:
        times = [*(row["us"][name] for name in names), row["eager_us"], row["script_us"]]
        faster = (f"{row['eager_us'] / row['us'][name]:.0f}x" for name in names)
        lines.append(f"| {' | '.join([str(row['voices']), *map(_short, times), *faster])} |")
    return "\n".join(lines)


def voices(result: dict) -> str:
    """Markdown: how many voices are played in real time, and how near the decoder comes to the processor's best."""
    lines = [
        f"| in real time | voices | with {result['headroom']:.0%} of each core left free | of the peak at most |",
        "| --- " * 4 + "|",
    ]
    for name, count in result["voices"].items():
        share = max(row["of_peak"][name] for row in result["rows"])
        lines.append(f"| {name} | {count} | {result['voices_with_headroom'][name]} | {share:.0%} |")
    return "\n".join(lines)


def _short(us):
    return f"{us:.1f}" if us < 100 else f"{us:.0f}"
