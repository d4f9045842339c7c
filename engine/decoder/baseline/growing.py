"""Plays a baseline's pad: as a frozen one what is there, and has the rest made.

A cell that is touched first is made at once; until it is there the nearest one sounds, of the same key or of the
nearest that has one, and what comes takes over from it within ARRIVAL_MS.
"""

import threading
from collections import deque
from collections.abc import Callable

import numpy as np

from common.errors import ModelError
from engine.decoder.baseline.cells import Cells
from engine.decoder.frozen.decoder import ARRIVAL_MS, FrozenDecoder
from engine.decoder.frozen.forming import Plan, form_notes, grid_weights, of_neighbours, stretches, whole_periods
from models.baseline.pad import BaselinePadConfig, cell_embedding
from models.frozen import Channel, frozen_shapes

LOOP = (16_000, 24_000)  # start and length in samples: a held note goes on within what the network has learnt to hold
CROSSFADE = 4_000  # samples
LEVEL = 0.5  # peak of every note: a picture says nothing of how loud its note was
_LOOK_S = 0.02  # between two looks for what is touched


class GrowingDecoder:
    """Decoder (see engine.decoder) of a baseline's pad.

    make : (MIDI key, z) -> float32 (samples,); may take long, raises ModelError; close_maker : ends what makes
    waits : a cell is made before it sounds, as wants a rendering that is the same each time; else beside the playing
    tell : gets a line where one cannot be made

    The constructor makes the first note. Raises ModelError where that fails.
    """

    def __init__(
        self, config: BaselinePadConfig, embeddings: np.ndarray, voices: int, make: Callable, close_maker: Callable,
        waits: bool, tell: Callable[[str], object],
    ):  # fmt: skip
        self.config, self.voices = config, voices
        self._embeddings, self._make, self._close_maker, self._tell = embeddings, make, close_maker, tell
        self._plan = Plan(config, LOOP, CROSSFADE, grid_weights(config.side), phased=True)
        tensors = {
            name: np.zeros(shape, np.float32) for name, shape in frozen_shapes(config).items() if name != "notes"
        }
        tensors["notes"] = np.zeros(frozen_shapes(config)["notes"], np.int16)
        lengths = np.array([whole_periods(LOOP[1], key, config) for key in config.keys])
        tensors["loops"] = np.stack([np.full(len(lengths), LOOP[0]), LOOP[0] + lengths], 1)
        self._player = FrozenDecoder(config, tensors, voices)
        self._notes = self._player.notes
        self._notes.there[:] = False
        self._likeness = np.ones_like(self._notes.likeness)  # where that of the player is going
        self._stretches: dict[tuple[int, int], np.ndarray] = {}
        self.cells = Cells(len(config.keys), config.side)
        self._arrivals: deque[tuple[int, int]] = deque()
        self._closed = threading.Event()
        self._waits = waits
        self._make_next()
        if not waits:
            threading.Thread(target=self._work, name="baseline", daemon=True).start()

    # -- the render thread

    def reset(self, slots: np.ndarray) -> None:
        """The next sample of these voices is the first of a note."""
        self._player.reset(slots)

    def render(self, slots, latents, f0_hz, temperature, uniforms, audio) -> None:
        """Fill `audio`; shapes as in the protocol."""
        self._touch(latents)
        if self._waits:
            self._make_touched()
        elif self._arrivals and self._notes.arrived[self._arrivals[0][0]].min() >= 1.0:
            self._take()
        self._player.render(slots, latents, f0_hz, temperature, uniforms, audio)
        arrived = self._notes.arrived
        share = audio.shape[1] * 1000.0 / (ARRIVAL_MS * self.config.rate)
        np.minimum(arrived + share, 1.0, out=arrived)
        self._notes.likeness[:] += min(share, 1.0) * (self._likeness - self._notes.likeness)

    def _touch(self, latents):
        """Note the cells that these voices are in."""
        side = self.config.side
        places = np.clip(latents[:, (Channel.X, Channel.Y)], 0.0, 1.0) * (side - 1)
        low, high = np.floor(places).astype(np.int64), np.ceil(places).astype(np.int64)
        keys = np.clip(latents[:, Channel.KEY] + 0.5, 0, len(self.config.keys) - 1).astype(np.int64)
        for columns in (low[:, 0], high[:, 0]):
            for rows in (low[:, 1], high[:, 1]):
                self.cells.touched[keys, side * rows + columns] = True

    def _make_touched(self):
        while (self.cells.touched & ~self.cells.there).any():
            self._make_next()

    def _make_next(self):
        """Here and now."""
        cell = self.cells.next()
        if cell is not None:
            self._fill(*cell)
            self._take()
            self._notes.arrived[:] = 1.0
            self._notes.likeness[:] = self._likeness

    def _take(self):
        """What was made stands now where it is the nearest."""
        key, point = self._arrivals.popleft()
        self.cells.there[key, point] = True
        stands = self.cells.stand_ins(key)
        changed = stands != self._notes.stands[key] if self._notes.there[key] else np.zeros(len(stands), np.bool_)
        self._notes.before[key] = self._notes.stands[key] if self._notes.there[key] else stands
        self._notes.stands[key] = stands
        self._notes.arrived[key, changed] = 0.0
        self._notes.there[key] = True
        self._likeness[key] = self._alike(key, stands)

    def _alike(self, key, stands):
        """Where the same note stands for two, they are alike."""
        heard, places = np.unique(stands, return_inverse=True)
        rows = np.array([self._stretches[key, int(point)] for point in heard])
        alike = np.clip(rows @ rows.T, 0.0, 1.0)
        return of_neighbours(alike[np.ix_(places, places)], self.config.side)

    # -- the thread that waits for what makes

    def _work(self):
        while not self._closed.is_set():
            cell = None if self._arrivals else self.cells.next()  # one after the other, as they are taken
            if cell is None:
                self._closed.wait(_LOOK_S)
                continue
            try:
                self._fill(*cell)
            except ModelError as error:
                if not self._closed.is_set():
                    self._tell(str(error))
                return

    def _fill(self, key, point):
        """Have a note made, and put it where nobody reads yet."""
        config, notes = self.config, self._notes
        z = cell_embedding(self._embeddings, self._plan.weights[point], key)
        audio = LEVEL * self._make(config.keys[key], z).astype(np.float64)
        cents = np.zeros((1, config.samples // config.tick))
        even, formed = form_notes(audio[None], config.keys[key], self._plan, cents)
        notes.notes[key, point] = formed["notes"][0]
        notes.steps[key, point] = formed["peaks"][0] / np.iinfo(np.int16).max
        notes.levels[key, point] = formed["levels"][0]
        heard = stretches(even[0], formed["warps"][0], config)
        self._stretches[key, point] = heard / max(np.linalg.norm(heard), 1e-9)
        self._arrivals.append((key, point))

    def close(self) -> None:
        """End the process that makes notes."""
        self._closed.set()
        self._close_maker()
