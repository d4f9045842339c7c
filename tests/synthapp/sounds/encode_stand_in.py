"""Stands in for `encoder.py` in a process of its own: serves as it does, but knows its sounds beforehand.

A file named 'hiss' has no pitch unless a note is given; 'broken' cannot be read; 'slow' takes a minute; at 'crash' the
process ends; any other makes the preset with a sound of the file's name.
"""

import sys
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from common.errors import ModelError, PitchError
from presets.file import read_preset, write_preset
from synthapp.sounds.encoder import serve


def work(request):
    name = Path(request.path).stem
    if not request.path:
        return
    if name == "broken":
        raise ModelError(f"{request.path}: not a readable sound file")
    if name == "crash":
        sys.exit("no memory")
    if name == "hiss" and request.note is None:
        raise PitchError(f"{request.path}: no clear pitch in it")
    print(f"{request.path}: {request.note or 'A3'} +0 cents", flush=True)
    if name == "slow":
        time.sleep(60)
    base = read_preset(request.preset)
    sound = base.corners[request.spot if isinstance(request.spot, int) else 0]
    write_preset(base.with_sound(request.spot, replace(sound, name=name)), request.output)
    print(f"{request.output}: done")


serve(sys.stdin, work)
