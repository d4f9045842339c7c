"""Which presets there are."""

import json
import sys

from synthapp.commands.options import AsJson


def presets(as_json: AsJson = False) -> None:
    """List the presets: name, tags, corner names."""
    from presets.library import Library

    entries = Library().entries()
    for entry in entries:
        if entry.problem:
            print(f"manifold: {entry.problem}", file=sys.stderr)
    sound = [entry for entry in entries if not entry.problem]
    if as_json:
        rows = [
            {"name": entry.name, "tags": entry.tags, "corners": entry.corners, "factory": entry.factory}
            for entry in sound
        ]
        print(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    for entry in sound:
        print(f"{entry.name}  [{', '.join(entry.tags)}]  {' / '.join(entry.corners)}")
