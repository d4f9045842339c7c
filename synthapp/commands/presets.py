"""Which presets there are."""

import json
import sys

from synthapp.commands.options import AsJson


def presets(as_json: AsJson = False) -> None:
    """List the presets: name, tags, corner names.

    Before each stands what chooses it by MIDI, bank:program.
    """
    from presets.library import Library
    from presets.programs import Programs

    entries = Library().entries()
    numbers = {entry.path: number for number, entry in reversed(Programs().table().items())}
    for entry in entries:
        if entry.problem:
            print(f"manifold: {entry.problem}", file=sys.stderr)
    sound = [entry for entry in entries if not entry.problem]
    if as_json:
        rows = [
            {
                "name": entry.name,
                "tags": entry.tags,
                "corners": entry.corners,
                "factory": entry.factory,
                "bank": numbers.get(entry.path, (None, None))[0],
                "program": numbers.get(entry.path, (None, None))[1],
            }
            for entry in sound
        ]
        print(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    for entry in sound:
        number = "{}:{}".format(*numbers[entry.path]) if entry.path in numbers else "-"
        print(f"{number}  {entry.name}  [{', '.join(entry.tags)}]  {' / '.join(entry.corners)}")
