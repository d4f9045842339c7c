"""What does it cost that everything moves? Microseconds a tick of 32 voices, beside the same with nothing moving.

    python benchmarks/moving.py [--voices 32] [--turns 9] [--still]

The synth of the shipped preset with a decoder that plays nothing, so that what is not the decoder's is seen; the
shipped weights' own share stands above the table. Whoever is compared takes turns, on one core, in its own CPU time.
--still: nothing moving alone, which versions without movement can measure, too.
"""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from engine.commands import NoteOn  # noqa: E402
from engine.decoder.opening import open_decoder  # noqa: E402
from engine.decoder.protocol import DecoderChoice  # noqa: E402
from engine.decoder.speed import in_turns, processor  # noqa: E402
from engine.offline.render import Mute  # noqa: E402
from engine.synth import Synth  # noqa: E402
from engine.voice.sound import Sound  # noqa: E402
from models import checkpoints  # noqa: E402
from models.checkpoints.source import DEFAULT_SOURCE  # noqa: E402
from presets.library import Library, load_preset  # noqa: E402

TICKS = 25  # a turn
STILL = "nothing"
LOWEST = 36


def main():
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--voices", type=int, default=32)
    parser.add_argument("--turns", type=int, default=9)
    parser.add_argument("--still", action="store_true")
    arguments = parser.parse_args()
    checkpoint = checkpoints.read(DEFAULT_SOURCE)
    preset = load_preset(Library().first().path)
    sound, voices = Sound.from_preset(preset, checkpoint.config), arguments.voices
    decoder = open_decoder(checkpoint, voices, DecoderChoice("cpu", "int8", 1))
    work = {"the network in int8, nothing": (still(decoder, sound, voices), TICKS, 1)}
    mute = Mute(checkpoint.config, voices)
    work[STILL] = still(mute, sound, voices), TICKS, 1
    if not arguments.still:
        work |= {name: (player, TICKS, 1) for name, player in moving(mute, sound, voices).items()}
    table = in_turns(work, arguments.turns)
    whole = table.pop("the network in int8, nothing")
    tick_us = checkpoint.config.tick / checkpoint.config.rate * 1e6
    print(
        f"{processor()}; {voices} voices, {tick_us:.0f} us being real time; with the network, nothing: {whole:.0f} us\n"
    )
    print("| what moves | us a tick | more than nothing |\n| --- | --- | --- |")
    for name, us in table.items():
        print(f"| {name} | {us:.0f} | {us - table[STILL]:+.0f} |")


def still(decoder, sound, voices):
    """A function that plays TICKS ticks of held notes."""
    return player(decoder, sound, voices, [NoteOn(LOWEST + key, 100) for key in range(voices)])


def player(decoder, sound, voices, begin, each_tick=()):
    """A function that plays TICKS ticks. begin, each_tick : events"""
    synth = Synth(decoder, polyphony=voices)
    synth.load(sound)
    for event in begin:
        synth.handle(event)
    synth.advance()
    if synth.voices != voices:
        raise SystemExit(f"{synth.voices} voices sound, not {voices}")

    def play():
        for _ in range(TICKS):
            for event in each_tick:
                synth.handle(event)
            synth.advance()

    return play


def moving(decoder, sound, voices) -> dict:
    """What moves -> a function as of `player`."""
    from engine.commands import ChannelPressure, ControlChange, PitchBend, SetMovement, SetMpe, SetParameter
    from engine.parameters import GLIDES, Param
    from presets.movement import Lfo, Movement, Path, Route

    notes = [NoteOn(LOWEST + key, 100) for key in range(voices)]
    circle = tuple((0.1 * step, 0.5 + 0.01 * step, 0.5) for step in range(32))
    lfos = tuple(Lfo(rate_hz=1.0 + number, per_note=True, spread=0.1) for number in range(4))
    routes = (
        Route("lfo1", "pad_x", depth=0.3), Route("lfo2", "pad_y", depth=0.3),
        Route("envelope", "pad_centre", depth=0.2),
        Route("lfo3", "gain_db", depth=0.05), Route("lfo4", "speed", depth=0.1),
    )  # fmt: skip
    orbit, journey = Movement(routes, lfos), Movement(path=Path(circle, loop=True, per_note=True))
    both = Movement(routes, lfos, journey.path)
    glide = [SetParameter(Param.GLIDE_MS, 5000.0), SetParameter(Param.GLIDE, GLIDES.index("always"))]
    unison = [SetParameter(Param.UNISON, 7)]
    members = range(1, 1 + max(voices // 8, 1))
    mpe = [SetMpe("on", 0), *(NoteOn(LOWEST + 5 * member, 100, member) for member in members)]
    said = [
        kind for member in members
        for kind in (PitchBend(1000, member), ControlChange(74, 90, member), ChannelPressure(50, member))
    ]  # fmt: skip
    wide = [NoteOn(LOWEST + 5 * number, 100) for number in range(max(voices // 8, 1))]
    scenes = {
        "four LFOs on the pad and on parameters": ([SetMovement(orbit), *notes], ()),
        "a journey of each note": ([SetMovement(journey), *notes], ()),
        "glide": ([*glide, *notes], ()),
        "unison of eight": ([*unison, *wide], ()),
        "unison of eight, each key by MPE, three messages each a tick": ([*unison, *mpe], said),
        "everything": ([SetMovement(both), *glide, *unison, *mpe], said),
    }
    return {name: player(decoder, sound, voices, *scene) for name, scene in scenes.items()}


if __name__ == "__main__":
    main()
