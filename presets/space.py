"""The space that the factory's presets are heard in: their files know no effects, so it is added when one is read.

By name, so that presets made for other weights get theirs, too. What is saved as the player's own holds its chain
itself, and an own preset of before there were effects stays dry, as it was heard when it was made.
"""

from dataclasses import replace

from presets.effects import Slot
from presets.preset import Preset


def _reverb(wet, size, damping=0.5):
    return Slot(1, "reverb", wet=wet, parameters={"size": size, "damping": damping})


def _delay(wet, sync, feedback=0.3):
    """sync : place in the list of times, 0 for a free one"""
    return Slot(2, "delay", wet=wet, parameters={"sync": sync, "feedback": feedback})


_CHORUS = Slot(3, "chorus", wet=0.4)
_WIDTH = Slot(4, "width", parameters={"spread": 0.5})
_EIGHTH, _DOTTED_EIGHTH, _QUARTER = 5.0, 6.0, 8.0

_BOOTH = (_reverb(0.06, 0.2, 0.7),)
_ROOM = (_reverb(0.13, 0.4),)
_STAGE = (_reverb(0.17, 0.55),)
_HALL = (_reverb(0.21, 0.72, 0.45),)
_NAVE = (_reverb(0.3, 0.88, 0.4),)
_WIDE = (_CHORUS, _WIDTH, _reverb(0.26, 0.8, 0.35))

SPACES = {
    "Bellows": _STAGE,
    "Brass Rise": _HALL,
    "Cathedral": _NAVE,
    "Chamber Strings": _HALL,
    "Deep Wood": _BOOTH,
    "Double Reeds": _STAGE,
    "Electric Low": _BOOTH,
    "Felt and Metal": _STAGE,
    "First Light": _HALL,
    "Glass Garden": (_delay(0.15, _DOTTED_EIGHTH), *_WIDE),
    "High Wind": _HALL,
    "Low Brass": _STAGE,
    "NSynth (small): Keys and Choir": _STAGE,
    "NSynth (small): Winds and Bow": _STAGE,
    "Neon": (_delay(0.15, _DOTTED_EIGHTH), _ROOM[0]),
    "Piper's Road": _STAGE,
    "Plucked": _STAGE,
    "Rubber Floor": _BOOTH,
    "Saxophones": (_delay(0.08, _EIGHTH, 0.2), _STAGE[0]),
    "Silk Road": _STAGE,
    "Silver and Air": (_WIDTH, _HALL[0]),
    "Six Strings": (_delay(0.1, _EIGHTH, 0.2), _ROOM[0]),
    "Slow Weather": (_WIDTH, _NAVE[0]),
    "Small Bells": (_delay(0.12, _QUARTER), _STAGE[0]),
    "Stage Keys": (_CHORUS, _ROOM[0]),
    "Struck Wood": _ROOM,
    "Voices": (_WIDTH, _NAVE[0]),
    "Woodwind Square": _STAGE,
}


def in_space(preset: Preset) -> Preset:
    """A factory preset with its chain; one that has its own, or of another name, as it is."""
    return preset if preset.effects is not None else replace(preset, effects=SPACES.get(preset.name))
