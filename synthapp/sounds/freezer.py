"""Freeze a preset's pad: its notes are recorded key by key, in parts that an interruption does not lose.

Every part is a file in the folder. Whoever finds all of them there makes of them the preset that plays them, its
recordings, and the SFZ for other samplers. Several processes share the keys (`Shard`), also on several machines that
share the folder.
"""

import hashlib
import json
import os
import shutil
import time
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from common.atomic import replacing
from common.errors import PresetError, SynthError
from engine.decoder.opening import open_decoder
from engine.decoder.protocol import DecoderChoice
from engine.offline.freeze.bulk import Note, play_notes
from engine.offline.freeze.plan import VELOCITY, Plan, frozen_preset
from engine.offline.freeze.recording import record_keys
from engine.voice.sound import Sound
from models import checkpoints
from models.checkpoints import Checkpoint
from models.checkpoints.kinds import BASELINE_PAD, FROZEN
from models.checkpoints.known import KnownWeights
from models.frozen import frozen_shapes
from presets.file import encode, write_preset
from presets.library import Library, file_name
from presets.preset import Preset

VOICES = 16  # of a core at least, in a call of the decoder
PARTS = "parts"
_LOOK_S = 1.0  # between two looks for the parts of others
_UNITS = (("s", 1), ("min", 60), ("h", 3600))
_TRIED_TICKS = 4  # that the estimate is made from


@dataclass(frozen=True)
class Shard:
    """rank : of this process among `size` that share the keys; beside : so many of them are on this machine"""

    rank: int = 0
    size: int = 1
    beside: int = 1

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Shard":
        """As torchrun sets RANK, WORLD_SIZE and LOCAL_WORLD_SIZE; the only one without. Raises SynthError."""
        rank, size, beside = (
            environment.get(name, default)
            for name, default in (("RANK", "0"), ("WORLD_SIZE", "1"), ("LOCAL_WORLD_SIZE", "1"))
        )
        if not (rank.isdecimal() and size.isdecimal() and beside.isdecimal() and int(rank) < int(size)):
            raise SynthError(f"RANK={rank} and WORLD_SIZE={size}: RANK must be below WORLD_SIZE, or both unset")
        return cls(int(rank), int(size), max(int(beside), 1))


class Freezer:
    """One pad on its way into a folder.

    preset, checkpoint : what is frozen; plan : how; folder : is made
    Raises PresetError where it is frozen already, ModelError where it would take too much room.
    """

    def __init__(self, preset: Preset, checkpoint: Checkpoint, plan: Plan, folder: Path):
        if checkpoint.kind in (FROZEN, BASELINE_PAD):
            raise PresetError(f"preset {preset.name!r} is frozen already; freeze the one that it was made of")
        frozen_shapes(plan.config)  # is it too large?
        self.preset, self.checkpoint, self.plan, self.folder = preset, checkpoint, plan, folder
        job = json.dumps([plan.config.to_dict(), plan.loop, plan.crossfade, checkpoint.fingerprint])
        digest = hashlib.sha256(encode(preset) + job.encode()).hexdigest()[:12]
        self._parts = folder / PARTS / digest  # of another pad are not taken for this one's

    def missing(self) -> list[int]:
        """Rows of the keys whose part is not there yet."""
        return [row for row in range(len(self.plan.config.keys)) if not self._part(row).is_file()]

    def record(
        self, choice: DecoderChoice, shard: Shard, tell: Callable[[str], object], bar: Callable, voices: int = 0
    ) -> None:
        """Record this shard's keys that are missing. tell : gets the estimate first

        bar : context manager of a function that is told the share done
        voices : at once, in whole keys; 0: as many as give every core its VOICES
        """
        rows = [row for row in self.missing() if row % shard.size == shard.rank]
        if not rows:
            return
        points, wanted = self.plan.config.points, voices or VOICES * max(choice.cores, 1)
        together = min(-(-wanted // points), len(rows))
        batches = [rows[first : first + together] for first in range(0, len(rows), together)]
        decoder = open_decoder(self.checkpoint, together * points, choice, tell=tell)
        tell(self._estimate(decoder, len(batches), len(rows)))
        self._parts.mkdir(parents=True, exist_ok=True)
        with bar(f"freezing {self.preset.name}") as progress:
            for done, batch in enumerate(batches):
                self._record(batch, decoder, lambda share: progress((done + share) / len(batches)))  # noqa: B023
        decoder.close()

    def _record(self, rows, decoder, progress):
        keys = tuple(self.plan.config.keys[row] for row in rows)
        for row, part in zip(rows, record_keys(keys, self.preset, decoder, self.plan, progress), strict=True):
            with replacing(self._part(row)) as temporary:
                np.savez(temporary, **part)

    def wait(self, tell: Callable[[str], object]) -> None:
        """Until the other shards have recorded their keys."""
        if self.missing():
            tell("waiting for the other shards; if interrupted, the same command goes on from here")
        while self.missing():
            time.sleep(_LOOK_S)

    def assemble(self) -> tuple[Preset, Path]:
        """Write the frozen preset and its recordings, and remove the parts. Returns the preset, and the recordings."""
        parts = [self._read_part(row) for row in range(len(self.plan.config.keys))]
        weights = {name: np.stack([part[name] for part in parts]) for name in frozen_shapes(self.plan.config)}
        preset = frozen_preset(self.preset, self.plan, checkpoints.fingerprint(weights))
        path = self.folder / file_name(preset.name)
        notes = path.with_suffix(".safetensors")
        checkpoints.write(notes, self.plan.config, weights, f"preset {self.preset.name}, frozen")
        write_preset(preset, path)
        shutil.rmtree(self._parts)
        with suppress(OSError):  # others are there
            self._parts.parent.rmdir()
        return preset, notes

    def _estimate(self, decoder, batches, keys):
        """One line, from a few ticks of what is to be done."""
        config, few = self.plan.config, _TRIED_TICKS * self.plan.config.tick
        notes = [Note(key, weights) for key in config.keys for weights in self.plan.weights][: decoder.voices]
        sound = Sound.from_preset(self.preset, decoder.config)
        play_notes(notes, decoder, sound, VELOCITY, few, few)  # what is compiled at the first call is not counted
        start = time.perf_counter()
        play_notes(notes, decoder, sound, VELOCITY, few, few)
        seconds = (time.perf_counter() - start) * batches * config.samples / few
        recordings = f"{keys * config.points} notes of {config.samples / config.rate:.1f} s"
        return f"{self.preset.name}: {recordings}, {decoder.voices} at once: about {_duration(seconds)}"

    def _part(self, row):
        return self._parts / f"{self.plan.config.keys[row]}.npz"

    def _read_part(self, row):
        try:
            with np.load(self._part(row)) as part:
                return dict(part)
        except (OSError, ValueError, zipfile.BadZipFile) as error:
            raise SynthError(f"{self._part(row)}: is damaged ({error}); delete it and run the command again") from error


def _duration(seconds):
    unit, size = next((each for each in _UNITS if seconds < 100 * each[1]), _UNITS[-1])
    return f"{seconds / size:.0f} {unit}"


def install(preset: Preset, notes: Path, library: Library | None = None, weights: Path | None = None) -> None:
    """Let the window find a frozen preset and its recordings. A file of the recordings' own disk is not copied."""
    folder = weights or KnownWeights().folder
    folder.mkdir(parents=True, exist_ok=True)
    link_or_copy(notes, folder / notes.name)
    library = library or Library()
    there = [entry for entry in library.entries() if not entry.factory and entry.name == preset.name]
    library.save(preset, there[0].path if there else None)


def link_or_copy(source: Path, target: Path) -> None:
    """A file under a second name; one of the target's own disk is not copied."""
    with replacing(target) as temporary:
        temporary.unlink()
        try:
            os.link(source, temporary)
        except OSError:
            shutil.copyfile(source, temporary)
