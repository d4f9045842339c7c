"""Weights found by their fingerprint: those that were asked for, those that ship, those in the player's folder."""

from collections.abc import Iterator
from pathlib import Path

import platformdirs

from common.errors import ModelError
from models.checkpoints import read
from models.checkpoints.source import Source
from models.pretrained import DEFAULT, SHIPPED

SUFFIX = ".safetensors"
_TRAINED = "weights"  # what every training calls them


def own_folder() -> Path:
    """Where the player's weights are: in the user's data directory."""
    return platformdirs.user_data_path("manifold") / "weights"


def named(name: str) -> str:
    """The path of the weights of that name, the player's or those that ship; the name itself where there are none, or
    it is a path."""
    if Path(name).name != name or Path(name).exists():
        return name
    paths = (folder / f"{name.removesuffix(SUFFIX)}{SUFFIX}" for folder in (own_folder(), DEFAULT.parent))
    return next((str(path) for path in paths if path.is_file()), name)


def name_of(path: Path) -> str:
    """What weights are called: as what was downloaded, without what its files add; of a training, as its folder."""
    path = path.resolve()
    name = path.name
    for suffix in (SUFFIX, ".tar", ".index", ".meta"):
        name = name.removesuffix(suffix)
    return path.parent.name if name == _TRAINED else name.partition(".data-")[0]


class KnownWeights:
    """Where to look. What was found out about a file holds until the file changes. Of one thread.

    asked : sources that were named, looked at first
    folder : of the player's weights; default: in the user's data directory
    """

    def __init__(self, *asked: Source, folder: Path | None = None):
        self.asked = asked
        self.folder = folder or own_folder()
        self._fingerprints: dict[tuple[Source, int, int], str] = {}

    def find(self, fingerprint: str) -> Source | None:
        """Where the weights with this fingerprint are; None where they are not to be had."""
        return next((source for source in self._sources() if self._fingerprint(source) == fingerprint), None)

    def _sources(self) -> Iterator[Source]:
        yield from self.asked
        yield from (Source(str(path)) for path in (*SHIPPED, *sorted(self.folder.glob(f"*{SUFFIX}"))))

    def _fingerprint(self, source):
        """Empty for what cannot be read."""
        try:
            state = _file(source).stat()
            key = (source, state.st_mtime_ns, state.st_size)
            if key not in self._fingerprints:
                self._fingerprints[key] = read(source).fingerprint
            return self._fingerprints[key]
        except (OSError, ModelError):
            return ""


def _file(source):
    """Whose time tells whether the weights have changed."""
    path = Path(source.path)
    return path if path.exists() else Path(f"{path}.index")
