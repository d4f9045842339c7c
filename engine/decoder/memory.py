"""What was measured on this machine, kept in the user's cache: a name -> a value of JSON."""

import json
from pathlib import Path

import platformdirs

from common.atomic import replacing
from common.errors import SynthError


class Memory:
    """folder : where it is kept (default: the user's cache); what is wrong there never hinders"""

    def __init__(self, folder: Path | None = None):
        self._path = (folder or platformdirs.user_cache_path("manifold")) / "speed.json"

    def recall(self, key: str):
        """None where it was never kept, or the file is missing or damaged."""
        return self._read().get(key)

    def keep(self, key: str, value) -> None:
        """A cache: where it cannot be written, the next start measures again."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with replacing(self._path) as temporary:
                temporary.write_text(json.dumps(self._read() | {key: value}, indent=1))
        except (OSError, SynthError):
            pass

    def _read(self):
        try:
            known = json.loads(self._path.read_text())
        except (OSError, ValueError, RecursionError):
            return {}
        return known if isinstance(known, dict) else {}
