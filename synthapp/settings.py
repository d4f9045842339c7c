"""What a player has set up once, and finds again at the next start: the window, the devices, the keys."""

from pathlib import Path

import msgspec
import platformdirs

from common.atomic import replacing
from common.errors import SynthError
from engine.commands import MpeMode
from presets.movement import USUAL, Route


class Settings(msgspec.Struct, frozen=True):
    """What the file holds. Whatever is missing in it is as here.

    window : place and size, as Qt writes them, in base 64
    audio, midi : the device and the port that were chosen, or part of a name; None: the default one, every keyboard
    rate, block : of the device; None and 0: its choice
    voices : at once
    octave : MIDI note of the computer key A
    mpe : which ports give every note a channel of its own, by part of their names; "": all others
    routes : what controllers move in every sound
    favourites : files of presets
    tempo : beats a minute; strip : whether the strip under the pad is open; None: where there is room
    sight : whether what sounds is shown; None: where the machine has processors to spare
    """

    window: str = ""
    audio: str | None = None
    midi: str | None = None
    rate: int | None = None
    block: int = 0
    voices: int | None = None
    octave: int = 60
    mpe: dict[str, MpeMode] = {}
    routes: tuple[Route, ...] = USUAL
    favourites: tuple[str, ...] = ()
    tempo: float = 120.0
    strip: bool | None = None
    sight: bool | None = None

    def __post_init__(self):
        """Raises ValueError naming what is out of its range: the file may be written by hand."""
        for name, value, low, high in (
            ("rate", self.rate, 8000, 192000),
            ("block", self.block, 0, 16384),
            ("voices", self.voices, 1, 64),
            ("octave", self.octave, 0, 108),
            ("tempo", self.tempo, 20, 300),
        ):
            if value is not None and not low <= value <= high:
                raise ValueError(f"{name} is {value}; it must be from {low} to {high}")


class SettingsFile:
    """`settings.json` in the user's configuration directory (or `folder`).

    now : as they are; changed by `change`, on disk after `keep`
    """

    def __init__(self, folder=None):
        self.path = Path(folder or platformdirs.user_config_path("manifold")) / "settings.json"
        self.now = self._kept = Settings()

    def read(self) -> str:
        """Take over what is on disk. A damaged file is set aside; returns the line that tells of it, or nothing."""
        try:
            self.now = self._kept = msgspec.json.decode(self.path.read_bytes(), type=Settings)
        except FileNotFoundError:
            return ""
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            return self._set_aside(error)
        except OSError as error:
            return f"the settings {self.path} cannot be read: {error.strerror}; the window starts without them"
        return ""

    def change(self, **fields) -> None:
        """Set some fields, for now in memory."""
        self.now = msgspec.structs.replace(self.now, **fields)

    def ask(self, **wishes) -> None:
        """What the command line asks for wins, and is kept as if it had been chosen; None is no wish."""
        self.change(**{name: wish for name, wish in wishes.items() if wish is not None})

    def keep(self) -> None:
        """Write what has changed. Raises SynthError."""
        if self.now == self._kept:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SynthError(f"{self.path.parent}: {error.strerror}; the settings cannot be kept") from error
        with replacing(self.path) as temporary:
            temporary.write_bytes(msgspec.json.format(msgspec.json.encode(self.now), indent=1))
        self._kept = self.now

    def _set_aside(self, problem):
        aside = self.path.with_stem(f"{self.path.stem} damaged")
        try:
            self.path.replace(aside)
        except OSError as error:
            return f"the settings {self.path} are damaged and cannot be moved: {error.strerror}; delete the file"
        return f"the settings were damaged ({problem}); they are now in {aside}, the window starts without them"
