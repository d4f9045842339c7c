"""Scala's files of tunings, .scl and .kbm -> what every key sounds at.

Source: the formats of Scala (https://www.huygens-fokker.org/scala/scl_format.html), read by the Surge team's
tuning-library.
"""

import math
from pathlib import Path

from common.errors import SynthError
from common.regular import open_regular
from engine.commands import TuneKeys

_KEYS, _A4, _A4_HZ = 128, 69, 440.0
_LARGEST_BYTES = 2**20


def read_tuning(scale: Path | None, keymap: Path | None = None) -> TuneKeys:
    """Every key's pitch in semitones of equal temperament at 440 Hz.

    scale : a .scl file; None: equal temperament; keymap : a .kbm file; None: middle C is the scale's first note
    Keys that the map leaves out sound between their neighbours. Raises SynthError naming the file and the cause.
    """
    import tuning_library as tl

    steps = tl.even_temperament_12_note_scale() if scale is None else _parsed(tl.parse_scl_data, scale, "scale", tl)
    keys = tl.KeyboardMapping() if keymap is None else _parsed(tl.parse_kbm_data, keymap, "keyboard map", tl)
    try:
        tuning = tl.Tuning(steps, keys).with_skipped_notes_interpolated()
    except (tl.TuningError, RuntimeError) as error:
        raise SynthError(f"{scale or keymap}: scale and keyboard map do not fit each other: {_line(error)}") from error
    hz = [tuning.frequency_for_midi_note(key) for key in range(_KEYS)]
    for key, f0_hz in enumerate(hz):
        if not 0 < f0_hz / _A4_HZ < math.inf:  # of a step as -5/8, of degree 9610, of a reference of 0 or 1e-321 Hz
            raise SynthError(f"{scale or keymap}: scale and keyboard map tune key {key} to {f0_hz} Hz")
    return TuneKeys(tuple((key, _A4 + 12 * math.log2(f0_hz / _A4_HZ)) for key, f0_hz in enumerate(hz)))


def _parsed(parse, path, what, tl):
    try:
        with open_regular(path) as file:
            text = file.read(_LARGEST_BYTES + 1)
    except OSError as error:
        raise SynthError(f"{path}: {error.strerror}; it should be a {what} of Scala's") from error
    if len(text) > _LARGEST_BYTES:
        raise SynthError(f"{path}: larger than {_LARGEST_BYTES >> 20} MiB; it should be a {what} of Scala's")
    try:
        return parse(text.decode("latin-1"))
    except (tl.TuningError, RuntimeError, ValueError) as error:
        raise SynthError(f"{path}: no {what} of Scala's: {_line(error)}") from error


def _line(error):
    return " ".join(str(error).split())[:200]
