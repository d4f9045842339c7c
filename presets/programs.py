"""Which preset a MIDI program is: bank 0 has the factory's, bank 1 the player's; a file that the player may change.

A number once given stays: what is new gets the next one that is free, in order of name, and what is gone leaves a gap.
"""

import json
from contextlib import suppress
from pathlib import Path

import platformdirs

from common.atomic import replacing
from common.errors import PresetError, SynthError
from presets.library import Entry, Library

FACTORY_BANK, OWN_BANK = 0, 1
PROGRAMS = 128  # of a bank
_LARGEST_BYTES = 1 << 20


class Programs:
    """library : whose presets; path : of the map, by default `programs.json` in the player's configuration

    The file holds, by bank, the names of its presets in order of their programs; null is a gap.
    """

    def __init__(self, library: Library | None = None, path: Path | None = None):
        self._library = library or Library()
        self.path = path or platformdirs.user_config_path("manifold") / "programs.json"

    def table(self) -> dict[tuple[int, int], Entry]:
        """(bank, program) -> preset. What is new is written, where that can be. Raises PresetError: a broken file."""
        before = self._read()
        banks = {bank: list(names) for bank, names in before.items()}
        entries = [entry for entry in self._library.entries() if not entry.problem]
        for bank in (FACTORY_BANK, OWN_BANK):
            names = banks.setdefault(bank, [])
            new = [
                entry.name for entry in entries if entry.factory == (bank == FACTORY_BANK) and entry.name not in names
            ]
            names += new[: PROGRAMS - len(names)]
        if banks != before:
            self._write(banks)
        return {
            (bank, program): entry
            for bank, names in banks.items()
            for program, name in enumerate(names)
            if (entry := _named(name, bank, entries))
        }

    def find(self, bank: int, program: int) -> Entry:
        """Raises PresetError where there is none."""
        entry = self.table().get((bank, program))
        if entry is None:
            raise PresetError(f"no preset is program {program} of bank {bank}; `presets` shows the numbers")
        return entry

    def _read(self):
        try:
            with open(self.path, "rb") as file:
                found = json.loads(file.read(_LARGEST_BYTES))
            return {int(bank): [_checked(name) for name in names[:PROGRAMS]] for bank, names in found.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, AttributeError, RecursionError):
            raise PresetError(f"{self.path}: is no map of programs; mend it, or delete it for a new one") from None

    def _write(self, banks):
        with suppress(SynthError, OSError):  # on a full or read-only disk the numbers are those of the moment
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with replacing(self.path) as temporary:
                temporary.write_text(json.dumps(banks, indent=1, ensure_ascii=False) + "\n")


def _checked(name):
    if name is not None and not isinstance(name, str):
        raise TypeError("a name")
    return name


def _named(name, bank, entries):
    """The preset of that name; in bank 0 the factory's comes first, elsewhere the player's."""
    named = [entry for entry in entries if entry.name == name]
    return min(named, key=lambda entry: entry.factory != (bank == FACTORY_BANK), default=None)
