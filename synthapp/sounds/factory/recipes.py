"""Which instruments stand in the corners of one preset: the project's own choice, or any instruments by fours."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from presets.pad import CORNERS
from presets.preset import NAME_LENGTH


@dataclass(frozen=True)
class Recipe:
    """One factory preset: its corners by the names in PROGRAMS (bottom left, bottom right, top left, top right).

    parameters : what it has beside what all have, by the names of the engine's table
    """

    name: str
    tags: tuple[str, ...]
    corners: tuple[str, str, str, str]
    pad: tuple[float, float] = (0.5, 0.5)
    parameters: dict[str, float] = field(default_factory=dict)


_KEYS = {"note_spread": 0.35}  # struck strings and bars lie before the player
_NARROW = {"width": 0.7}  # so much strays in them that more would be lost in mono
_LAYERED = {"brightness": 0.0}  # most of its sounds have recordings of soft and of hard strokes
_BELLOWS = {"brightness": 0.0} | _NARROW  # a key opens a valve, and no more

RECIPES = (
    Recipe("First Light", ("keys", "morph"), ("grand piano", "cello", "flute", "choir aahs"), (0.2, 0.25)),
    Recipe("Chamber Strings", ("strings", "warm"), ("cello", "violin", "string ensemble", "harp"), (0.35, 0.6)),
    Recipe(
        "Slow Weather",
        ("strings", "pad", "slow"),
        ("slow strings", "synth strings", "tremolo strings", "halo pad"),
        (0.4, 0.4),
        _NARROW,
    ),
    Recipe(
        "Brass Rise",
        ("brass", "bold"),
        ("trombone", "trumpet", "french horn", "brass section"),
        (0.3, 0.3),
        _LAYERED,
    ),
    Recipe("Low Brass", ("brass", "dark"), ("tuba", "trombone", "french horn", "contrabass"), (0.25, 0.2)),
    Recipe("Woodwind Square", ("winds", "soft"), ("clarinet", "oboe", "flute", "pan flute"), (0.2, 0.7)),
    Recipe("Double Reeds", ("reeds", "winds"), ("oboe", "english horn", "bassoon", "clarinet"), (0.3, 0.3)),
    Recipe(
        "Saxophones",
        ("reeds", "lead"),
        ("soprano saxophone", "alto saxophone", "tenor saxophone", "clarinet"),
        (0.5, 0.3),
        _LAYERED,
    ),
    Recipe("High Wind", ("flutes", "air"), ("piccolo", "flute", "pan flute", "shakuhachi"), (0.4, 0.6)),
    Recipe("Felt and Metal", ("keys",), ("grand piano", "electric piano", "marimba", "vibraphone"), (0.8, 0.2), _KEYS),
    Recipe(
        "Stage Keys",
        ("keys", "electric"),
        ("electric piano", "clavinet", "electric grand", "grand piano"),
        (0.1, 0.2),
        _KEYS,
    ),
    Recipe("Small Bells", ("mallets", "bright"), ("celesta", "music box", "vibraphone", "kalimba"), (0.3, 0.5), _KEYS),
    Recipe("Struck Wood", ("mallets", "dry"), ("marimba", "dulcimer", "kalimba", "steel drums"), (0.2, 0.2), _KEYS),
    Recipe(
        "Cathedral",
        ("organ", "choir", "slow"),
        ("church organ", "choir aahs", "french horn", "string ensemble"),
        (0.3, 0.4),
        _NARROW,
    ),
    Recipe("Bellows", ("organ", "reeds"), ("accordion", "bandoneon", "reed organ", "harmonica"), (0.2, 0.2), _BELLOWS),
    Recipe("Plucked", ("plucked", "bright"), ("nylon guitar", "clean guitar", "harp", "harpsichord"), (0.1, 0.2)),
    Recipe(
        "Six Strings", ("guitar",), ("jazz guitar", "clean guitar", "overdriven guitar", "nylon guitar"), (0.2, 0.2)
    ),
    Recipe("Silk Road", ("plucked", "world"), ("koto", "sitar", "shamisen", "banjo"), (0.2, 0.3)),
    Recipe("Deep Wood", ("bass", "dark"), ("acoustic bass", "cello", "marimba", "bassoon"), (0.15, 0.1)),
    Recipe(
        "Electric Low", ("bass", "electric"), ("fingered bass", "fretless bass", "slap bass", "synth bass"), (0.2, 0.5)
    ),
    Recipe("Rubber Floor", ("bass", "synth"), ("synth bass", "fretless bass", "square lead", "saw lead"), (0.3, 0.3)),
    Recipe("Neon", ("lead", "electric"), ("square lead", "saw lead", "electric piano", "polysynth"), (0.7, 0.2)),
    Recipe("Voices", ("choir", "pad"), ("choir aahs", "synth voice", "solo voice", "halo pad"), (0.3, 0.3), _NARROW),
    Recipe("Glass Garden", ("pad", "synth"), ("fantasia", "bowed glass", "crystal", "celesta"), (0.4, 0.4)),
    Recipe("Silver and Air", ("soft", "morph"), ("harp", "vibraphone", "flute", "choir aahs"), (0.6, 0.6)),
    Recipe("Piper's Road", ("reeds", "world"), ("bagpipe", "english horn", "harmonica", "violin"), (0.2, 0.3)),
)

_RAW = ("nsynth", "raw")  # every sample drawn by a WaveNet: its hiss is its own
SMALL_RECIPES = (
    Recipe("NSynth (small): Winds and Bow", _RAW, ("flute", "violin", "clarinet", "trumpet"), (0.25, 0.25)),
    Recipe("NSynth (small): Keys and Choir", _RAW, ("grand piano", "nylon guitar", "church organ", "choir aahs")),
)


def by_fours(names: Sequence[str]) -> list[Recipe]:
    """Any instruments, four a preset, in their order; the last preset is filled from the beginning."""
    groups = [tuple(names[start : start + CORNERS]) for start in range(0, len(names), CORNERS)]
    rest = CORNERS - len(groups[-1])
    filled = [*groups[:-1], groups[-1] + tuple(names[turn % len(names)] for turn in range(rest))]
    return [Recipe(_title(group), (), corners) for group, corners in zip(groups, filled, strict=True)]  # type: ignore[arg-type]


def far_apart(names: Sequence[str]) -> list[str]:
    """The same in another order: neighbours of an alphabet, which are of one family, do not share a preset."""
    strides = -(-len(names) // CORNERS)
    return [name for start in range(strides) for name in names[start::strides]]


def _title(names):
    """As many of the names as a preset's has room for."""
    title = ", ".join(names)
    while len(title) > NAME_LENGTH // 2 and len(names) > 1:
        names = names[:-1]
        title = f"{', '.join(names)} …"
    return title
