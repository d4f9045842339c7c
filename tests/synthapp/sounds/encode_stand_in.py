"""Stands in for `app.py encode` in a process of its own: as the command, but it knows its sound beforehand.

A file named 'hiss' has no pitch unless a note is given; 'broken' cannot be read; 'slow' takes a minute; any other
makes the preset --preset with the corner --corner renamed to the file's name.
"""

import sys
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from presets.file import read_preset, write_preset


def main():
    command, source, _, output = sys.argv[1:5]
    options = dict(zip(sys.argv[5::2], sys.argv[6::2], strict=True))
    assert command == "encode" and set(options) <= {"--preset", "--corner", "--weights", "--note"}
    name = Path(source).stem
    if name == "broken":
        sys.exit(f"manifold: {source}: not a readable sound file")
    if name == "hiss" and "--note" not in options:
        print(f"manifold: {source}: no clear pitch in it", file=sys.stderr)
        sys.exit(3)
    print(f"{source}: {options.get('--note', 'A3')} +0 cents", flush=True)
    if name == "slow":
        time.sleep(60)
    base, corner = read_preset(options["--preset"]), int(options["--corner"]) - 1
    corners = list(base.corners)
    corners[corner] = replace(corners[corner], name=name)
    write_preset(replace(base, corners=tuple(corners)), output)
    print(f"{output}: done")


main()
