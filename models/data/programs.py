"""The instruments to render: General MIDI's pitched programs, their families as NSynth has them, their natural ranges.

Left out: drums, effects and the orchestra hit; bells and timpani, whose partials are not harmonics; programs that sound
a sub-octave or a second note with the key, so that the pitch they are labelled with is not theirs (drawbar, percussive
and rock organ, synth brass, fifths, pads 89, 95, 97, 99, 100 and 103); programs that FluidR3_GM has more than 15 cents
off (bottle, whistle, calliope), noisy (pizzicato) or from another's samples (bright piano, fiddle); all of it measured
on FluidR3_GM, like the ranges where that font's are shorter than the real instrument's.
"""

from dataclasses import dataclass

from common.errors import ModelError


@dataclass(frozen=True)
class Program:
    """One General MIDI program, named as NSynth names instruments.

    number : program change, 0-127
    name : telling short name
    family, source : one of nsynth.FAMILIES, nsynth.SOURCES
    low, high : MIDI pitches of its natural range, two octaves at least
    """

    number: int
    name: str
    family: str
    source: str
    low: int
    high: int

    @property
    def instrument_str(self):
        """NSynth's name, such as keyboard_acoustic_000."""
        return f"{self.family}_{self.source}_{self.number:03d}"


PROGRAMS = (
    Program(0, "grand piano", "keyboard", "acoustic", 24, 99),
    Program(2, "electric grand", "keyboard", "electronic", 28, 100),
    Program(3, "honky-tonk piano", "keyboard", "acoustic", 28, 100),
    Program(4, "electric piano", "keyboard", "electronic", 28, 100),
    Program(5, "fm piano", "keyboard", "electronic", 28, 100),
    Program(6, "harpsichord", "keyboard", "acoustic", 29, 89),
    Program(7, "clavinet", "keyboard", "electronic", 29, 88),
    Program(8, "celesta", "mallet", "acoustic", 60, 105),
    Program(10, "music box", "mallet", "acoustic", 60, 96),
    Program(11, "vibraphone", "mallet", "acoustic", 53, 89),
    Program(12, "marimba", "mallet", "acoustic", 36, 96),
    Program(13, "xylophone", "mallet", "acoustic", 65, 105),
    Program(15, "dulcimer", "mallet", "acoustic", 48, 84),
    Program(19, "church organ", "organ", "acoustic", 36, 66),
    Program(20, "reed organ", "organ", "acoustic", 36, 89),
    Program(21, "accordion", "organ", "acoustic", 41, 89),
    Program(22, "harmonica", "organ", "acoustic", 55, 91),
    Program(23, "bandoneon", "organ", "acoustic", 41, 89),
    Program(24, "nylon guitar", "guitar", "acoustic", 40, 83),
    Program(25, "steel guitar", "guitar", "acoustic", 40, 84),
    Program(26, "jazz guitar", "guitar", "electronic", 40, 86),
    Program(27, "clean guitar", "guitar", "electronic", 40, 86),
    Program(28, "muted guitar", "guitar", "electronic", 40, 64),
    Program(29, "overdriven guitar", "guitar", "electronic", 40, 86),
    Program(30, "distorted guitar", "guitar", "electronic", 40, 86),
    Program(31, "guitar harmonics", "guitar", "electronic", 40, 76),
    Program(32, "acoustic bass", "bass", "acoustic", 28, 60),
    Program(33, "fingered bass", "bass", "electronic", 28, 60),
    Program(34, "picked bass", "bass", "electronic", 28, 60),
    Program(35, "fretless bass", "bass", "electronic", 28, 60),
    Program(36, "slap bass", "bass", "electronic", 28, 60),
    Program(37, "pop bass", "bass", "electronic", 28, 60),
    Program(38, "synth bass", "bass", "synthetic", 28, 60),
    Program(39, "rubber bass", "bass", "synthetic", 28, 60),
    Program(40, "violin", "string", "acoustic", 55, 91),
    Program(41, "viola", "string", "acoustic", 48, 84),
    Program(42, "cello", "string", "acoustic", 36, 76),
    Program(43, "contrabass", "string", "acoustic", 28, 55),
    Program(44, "tremolo strings", "string", "acoustic", 36, 91),
    Program(46, "harp", "string", "acoustic", 28, 100),
    Program(48, "string ensemble", "string", "acoustic", 36, 91),
    Program(49, "slow strings", "string", "acoustic", 36, 91),
    Program(50, "synth strings", "string", "synthetic", 36, 91),
    Program(51, "dark synth strings", "string", "synthetic", 36, 91),
    Program(52, "choir aahs", "vocal", "acoustic", 48, 79),
    Program(53, "voice oohs", "vocal", "acoustic", 48, 79),
    Program(54, "synth voice", "vocal", "synthetic", 48, 84),
    Program(56, "trumpet", "brass", "acoustic", 54, 86),
    Program(57, "trombone", "brass", "acoustic", 40, 74),
    Program(58, "tuba", "brass", "acoustic", 28, 58),
    Program(59, "muted trumpet", "brass", "acoustic", 54, 84),
    Program(60, "french horn", "brass", "acoustic", 36, 77),
    Program(61, "brass section", "brass", "acoustic", 40, 84),
    Program(64, "soprano saxophone", "reed", "acoustic", 56, 88),
    Program(65, "alto saxophone", "reed", "acoustic", 49, 81),
    Program(66, "tenor saxophone", "reed", "acoustic", 44, 76),
    Program(67, "baritone saxophone", "reed", "acoustic", 36, 69),
    Program(68, "oboe", "reed", "acoustic", 58, 91),
    Program(69, "english horn", "reed", "acoustic", 52, 81),
    Program(70, "bassoon", "reed", "acoustic", 34, 72),
    Program(71, "clarinet", "reed", "acoustic", 50, 91),
    Program(72, "piccolo", "flute", "acoustic", 74, 108),
    Program(73, "flute", "flute", "acoustic", 60, 96),
    Program(74, "recorder", "flute", "acoustic", 60, 98),
    Program(75, "pan flute", "flute", "acoustic", 60, 96),
    Program(77, "shakuhachi", "flute", "acoustic", 55, 84),
    Program(79, "ocarina", "flute", "acoustic", 60, 89),
    Program(80, "square lead", "synth_lead", "synthetic", 36, 96),
    Program(81, "saw lead", "synth_lead", "synthetic", 36, 96),
    Program(84, "charang lead", "synth_lead", "synthetic", 36, 84),
    Program(85, "solo voice", "vocal", "synthetic", 48, 84),
    Program(87, "bass and lead", "synth_lead", "synthetic", 28, 84),
    Program(88, "fantasia", "synth_lead", "synthetic", 36, 84),
    Program(90, "polysynth", "synth_lead", "synthetic", 36, 96),
    Program(91, "space voice", "vocal", "synthetic", 48, 84),
    Program(92, "bowed glass", "synth_lead", "synthetic", 48, 96),
    Program(94, "halo pad", "vocal", "synthetic", 48, 84),
    Program(98, "crystal", "synth_lead", "synthetic", 48, 96),
    Program(104, "sitar", "guitar", "acoustic", 48, 84),
    Program(105, "banjo", "guitar", "acoustic", 48, 84),
    Program(106, "shamisen", "guitar", "acoustic", 50, 84),
    Program(107, "koto", "guitar", "acoustic", 48, 86),
    Program(108, "kalimba", "mallet", "acoustic", 48, 84),
    Program(109, "bagpipe", "reed", "acoustic", 55, 84),
    Program(111, "shanai", "reed", "acoustic", 58, 84),
    Program(114, "steel drums", "mallet", "acoustic", 48, 84),
)
# Never trained on: whole instruments, each with a sibling that is.
HELD_OUT = frozenset({5, 13, 25, 34, 41, 53, 59, 67, 74})


def find_program(wanted):
    """The program of that name or number. Raises ModelError naming what PROGRAMS lacks."""
    for program in PROGRAMS:
        if wanted in (program.name, str(program.number)):
            return program
    raise ModelError(f"program {wanted!r}: not among {', '.join(f'{p.number} {p.name}' for p in PROGRAMS)}")
