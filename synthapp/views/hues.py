"""A colour for every sound: the same instrument has the same hue wherever it appears.

Colours are mixed in OKLab, where equal steps look equal. Source: Ottosson 2020, https://bottosson.github.io/posts/oklab
"""

import zlib

import numpy as np

# Hue of each family in degrees of OKLCH, by words that a sound's name may contain. The first match counts.
_FAMILIES = (
    (130, ("sax", "oboe", "clarinet", "bassoon", "reed", "english horn", "shanai", "bagpipe")),
    (280, ("bass",)),
    (255, ("piano", "clav", "harpsi", "keyboard", "rhodes")),
    (70, ("guitar", "banjo", "sitar", "koto", "shamisen", "harp", "pluck", "pizz")),
    (220, ("vibra", "vibes", "marimba", "xylo", "glock", "celesta", "bell", "mallet", "kalimba", "dulcimer")),
    (340, ("organ", "accordion", "harmonica")),
    (25, ("violin", "viola", "cello", "string", "fiddle", "ensemble")),
    (190, ("choir", "voice", "vocal", "vox", "aah", "ooh")),
    (90, ("trumpet", "trombone", "horn", "tuba", "brass")),
    (160, ("flute", "piccolo", "recorder", "whistle", "ocarina", "shakuhachi", "bottle")),
    (310, ("synth", "lead", "pad", "saw", "square")),
)  # fmt: skip
_APART, _TURN = 45, 15  # degrees between the sounds of one preset, and in which a free one is looked for

_LAB_TO_LMS = np.array([
    [1.0, 0.3963377774, 0.2158037573],
    [1.0, -0.1055613458, -0.0638541728],
    [1.0, -0.0894841775, -1.2914855480],
])  # fmt: skip
_LMS_TO_RGB = np.array([
    [4.0767416621, -3.3077115913, 0.2309699292],
    [-1.2684380046, 2.6097574011, -0.3413193965],
    [-0.0041960863, -0.7034186147, 1.7076147010],
])  # fmt: skip
_KNEE = 0.6  # share of the strongest colour from which it is made paler
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722])  # ITU-R BT.709


def sound_hue(name: str) -> float:
    """Degrees 0..360, from the family that the name tells of, else from its letters."""
    folded = name.casefold()
    for hue, words in _FAMILIES:
        if any(word in folded for word in words):
            return float(hue)
    return float(zlib.crc32(folded.encode()) % 360)


def corner_hues(names) -> tuple[float, ...]:
    """One hue a name, moved on where it is too close to an earlier one."""
    hues: list[float] = []
    apart, turn = (_APART, _TURN) if len(names) <= 4 else (120 / len(names),) * 2  # so that there is a free one
    for name in names:
        hue = sound_hue(name)
        while any(_distance(hue, other) < apart for other in hues):
            hue = (hue + turn) % 360
        hues.append(hue)
    return tuple(hues)


def oklab(lightness, chroma, hue):
    """OKLab coordinates, float64 (..., 3). lightness 0..1, chroma 0..0.37, hue in degrees."""
    angle = np.radians(hue)
    return np.stack(np.broadcast_arrays(lightness, chroma * np.cos(angle), chroma * np.sin(angle)), axis=-1)


def to_linear(lab):
    """OKLab (..., 3) -> linear sRGB (..., 3); outside 0..1 where the screen cannot show it."""
    return (lab @ _LAB_TO_LMS.T) ** 3 @ _LMS_TO_RGB.T


def in_gamut(lab):
    """bool (...): can be shown."""
    linear = to_linear(lab)
    return ((linear >= 0) & (linear <= 1)).all(axis=-1)


def to_srgb(lab):
    """OKLab (..., 3) -> gamma-coded sRGB (..., 3) in 0..1; stronger colours are made paler, without an edge."""
    linear = to_linear(lab)
    grey = linear @ _LUMINANCE
    reach = (grey - linear.min(axis=-1)) / np.maximum(grey, 1e-9)  # 1: as far from grey as the screen can go
    soft = _KNEE + (1 - _KNEE) * np.tanh((reach - _KNEE) / (1 - _KNEE))
    paler = np.where(reach > _KNEE, soft / np.maximum(reach, _KNEE), 1.0)[..., np.newaxis]
    linear = np.clip(grey[..., np.newaxis] + paler * (linear - grey[..., np.newaxis]), 0.0, 1.0)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def _distance(a, b):
    return abs((a - b + 180) % 360 - 180)
