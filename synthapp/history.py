"""Undo and redo: every gesture as the session before and after it, and what it did to files. Free of Qt.

Nothing is forgotten by going on after an undo: the steps that were undone stay, followed by their opposites, so that
undoing far enough leads through them.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from weakref import WeakValueDictionary

import numpy as np

from presets.library import Change
from presets.preset import EmbeddingSet, Preset
from synthapp.session import Moment

MOST = 2000  # steps
MOST_BYTES = 512 * 2**20  # of sounds and files that they hold


@dataclass(frozen=True, eq=False)
class Step:
    """What one gesture did.

    what : for the tooltip, after "Undo"
    files : of the library
    gesture : steps of one gesture, such as a drag, become one; None: it stands alone
    """

    what: str
    before: Moment
    after: Moment
    files: tuple[Change, ...] = ()
    gesture: object = None

    @property
    def changes(self) -> bool:
        """False where all is as it was before."""
        return bool(self.files) or not self.after.equals(self.before)

    @property
    def opposite(self) -> "Step":
        files = tuple(change.reversed for change in reversed(self.files))
        return Step(self.what, self.after, self.before, files)


class History:
    """The steps of a session, and how many of them are done.

    revision : another number whenever something has changed
    """

    def __init__(self, steps: Iterable[Step] = (), done: int | None = None):
        self.steps = list(steps)
        self.done = len(self.steps) if done is None else done
        self.revision = 0

    @property
    def undoable(self) -> Step | None:
        """What an undo takes back."""
        return self.steps[self.done - 1] if self.done else None

    @property
    def now(self) -> Moment | None:
        """The session after what is done; None where there are no steps."""
        if self.undoable:
            return self.undoable.after
        return self.redoable.before if self.redoable else None

    @property
    def redoable(self) -> Step | None:
        """What a redo does again."""
        return self.steps[self.done] if self.done < len(self.steps) else None

    def add(self, step: Step) -> None:
        """A step was done. One that goes on with the gesture of the last is one with it."""
        goes_on = self._goes_on(step)
        if goes_on:
            step = replace(self.steps.pop(), after=step.after)
        elif not step.changes:
            return
        self.steps += [undone.opposite for undone in reversed(self.steps[self.done :])]
        if step.changes:
            self.steps.append(step)
        if not goes_on:
            del self.steps[: len(self.steps) - max(1, within(self.steps, MOST, MOST_BYTES))]
        self.done = len(self.steps)
        self.revision += 1

    def _goes_on(self, step):
        last = self.undoable
        return bool(last) and self.redoable is None and step.gesture is not None and step.gesture == last.gesture

    def move(self, steps: int) -> None:
        """One was undone (-1) or done again (1)."""
        self.done += steps
        self.revision += 1


def within(steps: list[Step], most: int, most_bytes: int) -> int:
    """How many of the last steps hold no more than so many bytes together."""
    held: set[int] = set()
    total = 0
    for count, step in enumerate(reversed(steps[-most:])):
        for part, size in _parts(step):
            if id(part) not in held:
                held.add(id(part))
                total += size
        if total > most_bytes:
            return count
    return min(len(steps), most)


def _parts(step):
    """(object, its bytes) of all that a step holds."""
    for moment in (step.before, step.after):
        for sound in (*moment.corners, *(moment.preset.corners if moment.preset else ())):
            yield sound, sound.latents.nbytes
    for change in step.files:
        for content in (change.before, change.after):
            if content is not None:
                yield content, len(content)


class Sounds:
    """Makes equal sounds one object, so that a history in which a preset was loaded ten times holds it once."""

    def __init__(self):
        self._known: WeakValueDictionary[tuple, EmbeddingSet] = WeakValueDictionary()

    def shared(self, preset: Preset) -> Preset:
        """The same preset, of the sounds that are known already."""
        return replace(preset, corners=tuple(self._known.setdefault(_key(sound), sound) for sound in preset.corners))


def _key(sound):
    latents = hashlib.blake2b(np.ascontiguousarray(sound.latents)).digest()
    return (latents, sound.latents.shape, sound.name, sound.pitches, sound.velocities, sound.loop, sound.release,
            sound.decay_db_per_s)  # fmt: skip
