"""Write a small SF2 font: every program is the same looped sine. For tests.

Source: SoundFont 2.04 specification, sections 4-7.
"""

import struct
from pathlib import Path

import numpy as np

CYCLE = 64  # samples
RATE = round(440 * 2 ** ((60 - 69) / 12) * CYCLE)  # so that a cycle is middle C
CYCLES = 20
SAMPLE_MODES, SAMPLE_ID, INSTRUMENT = 54, 53, 41  # generators
LOOPED, MONO = 1, 1


def write_font(path, programs):
    """programs : numbers of the programs of bank 0."""
    sine = np.round(16000 * np.sin(2 * np.pi * np.arange(CYCLE * CYCLES) / CYCLE)).astype("<i2").tobytes()
    info = _chunk(b"ifil", struct.pack("<HH", 2, 4)) + _chunk(b"isng", b"EMU8000\0") + _chunk(b"INAM", b"Test\0\0")
    sample = _chunk(b"smpl", sine + bytes(2 * 46))
    lists = _list(b"INFO", info) + _list(b"sdta", sample) + _list(b"pdta", _presets(sorted(programs)))
    Path(path).write_bytes(_chunk(b"RIFF", b"sfbk" + lists))
    return Path(path)


def _presets(programs):
    """Every preset has one zone with the one instrument, which has one zone with the one sample."""
    ends = [*programs, 0]
    headers = [struct.pack("<20s3H3I", b"Sine", number, 0, zone, 0, 0, 0) for zone, number in enumerate(ends)]
    zones = [struct.pack("<2H", zone, 0) for zone in range(len(ends))]
    generators = [struct.pack("<2H", INSTRUMENT, 0)] * len(programs) + [bytes(4)]
    sample = struct.pack("<20s5IBbHH", b"Sine", 0, CYCLE * CYCLES, CYCLE, CYCLE * 19, RATE, 60, 0, 0, MONO)
    return b"".join(
        _chunk(name, content)
        for name, content in (
            (b"phdr", b"".join(headers)),
            (b"pbag", b"".join(zones)),
            (b"pmod", bytes(10)),
            (b"pgen", b"".join(generators)),
            (b"inst", struct.pack("<20sH", b"Sine", 0) + struct.pack("<20sH", b"EOI", 1)),
            (b"ibag", struct.pack("<4H", 0, 0, 2, 0)),
            (b"imod", bytes(10)),
            (b"igen", struct.pack("<4H", SAMPLE_MODES, LOOPED, SAMPLE_ID, 0) + bytes(4)),
            (b"shdr", sample + bytes(46)),
        )
    )


def _chunk(name, content):
    return name + len(content).to_bytes(4, "little") + content + b"\0" * (len(content) % 2)


def _list(name, content):
    return _chunk(b"LIST", name + content)
