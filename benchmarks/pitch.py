"""What does it cost to play weights in tune that are not told the pitch?

    python benchmarks/pitch.py [--weights FILE] [--precision float32] [--voices 8 32] [--turns 9]

All voices sound for a tick of some 4 ms: first as if the decoder were told the pitch, which asks for one sample for
each that sounds, then repitched, at speeds that chords have. The same with a decoder that plays nothing shows what is
not the decoder's. Whoever is compared takes turns; one core. Prints a table: microseconds a tick, and how many times
the first row's.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from engine.decoder.opening import open_decoder  # noqa: E402
from engine.decoder.protocol import DecoderChoice  # noqa: E402
from engine.decoder.speed import in_turns, processor  # noqa: E402
from engine.offline.render import Mute  # noqa: E402
from engine.voice.source import Repitched, Source, Told, told_pitch  # noqa: E402
from models import checkpoints  # noqa: E402
from models.checkpoints import source as weights  # noqa: E402

TICKS = 16  # a turn
SOURCE = 60.0
TOLD = "told: one sample each"
CHORDS = {
    "at its source note": (0.0, 0.0),
    "keys between notes every four semitones": (-2.0, 1.0),
    "one source note, keys an octave around it": (-12.0, 12.0),
    "one source note, keys two octaves around it": (-24.0, 24.0),
    "all two octaves above": (24.0, 24.0),
}


def main():
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", default=str(ROOT / "tests" / "fixtures" / "magenta-small" / "model.ckpt-1234"))
    parser.add_argument("--precision", choices=("float32", "int8"), default="float32")
    parser.add_argument("--voices", type=int, nargs="+", default=[8, 32])
    parser.add_argument("--turns", type=int, default=9)
    arguments = parser.parse_args()
    checkpoint = checkpoints.read(weights.Source(arguments.weights))
    config = checkpoint.config
    if told_pitch(config):
        parser.error(f"{arguments.weights}: these weights are told the pitch; take some of NSynth's")
    print(f"{processor()}; {config.width}/{config.skip_width}/{config.layers}, {arguments.precision} on one core")
    print(f"us a tick of {config.tick} samples, {config.tick / config.rate * 1e6:.0f} being real time\n")
    print("| voices | chord | samples a voice and output | network | beside told | without the decoder |")
    print("| --- | --- | --- | --- | --- | --- |")
    for voices in arguments.voices:
        decoder = open_decoder(checkpoint, voices, DecoderChoice("cpu", arguments.precision, 1))
        played, mute = (measured(each, voices, arguments.turns) for each in (decoder, Mute(config, voices)))
        for name, (us, speed) in played.items():
            print(f"| {voices} | {name} | {speed:.2f} | {us:.0f} | {us / played[TOLD][0]:.2f}x | {mute[name][0]:.0f} |")
        decoder.close()


def measured(decoder, voices: int, turns: int) -> dict[str, tuple[float, float]]:
    """name -> (us a tick, samples that a voice asks for, for each that sounds)."""
    sources: dict[str, Source] = {TOLD: Told(decoder, 0), **{name: Repitched(decoder, 0) for name in CHORDS}}
    work = {
        name: (player(decoder, source, np.linspace(*CHORDS.get(name, (0.0, 0.0)), voices)), TICKS, 1)
        for name, source in sources.items()
    }
    return {name: (us, sources[name].speed) for name, us in in_turns(work, turns).items()}


def player(decoder, source, semitones):
    """A function that plays TICKS ticks of one voice a key, those semitones from the source note."""
    config, slots = decoder.config, np.arange(len(semitones))
    for slot in slots.tolist():
        source.start(slot, slot)
    latents = np.random.default_rng(0).standard_normal((decoder.voices, config.latent)).astype(np.float32)
    hz = 440.0 * 2.0 ** ((SOURCE + semitones - 69.0) / 12.0)
    f0_hz = np.repeat(hz.astype(np.float32)[:, None], config.tick, axis=1)
    audio = np.zeros_like(f0_hz)

    def play():
        for _ in range(TICKS):
            source.render(slots, latents, np.full(decoder.voices, SOURCE), f0_hz, 1.0, audio)

    return play


if __name__ == "__main__":
    main()
