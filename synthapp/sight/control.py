"""Feeds the tab that shows what sounds, while it is seen: the engine's ring and telemetry -> pictures, on a budget."""

import os
import time

import numpy as np

from engine.tap import Tap
from engine.telemetry import Sounding, Standing, Telemetry
from synthapp.sight.curves import curves_at, spans
from synthapp.sight.spectrum import SILENT_DB, Spectrum, peaks
from synthapp.views.keys.piano_layout import note_name

SHARE = 0.035  # of a core that it may take, painting included
SHORTEST_S = 1 / 60  # between two pictures
FEW_PROCESSORS = 3  # a machine with so many or fewer has enough to do with playing
_CURVES_S = 0.1  # between two pictures of an embedding
_STEP = 1 / 64  # of the pad, from which on its curves are drawn anew
_NOT_HERE = "What sounds cannot be read on this system"


class SightControl:
    """window : whose session and settings they are; its `sight` is fed"""

    def __init__(self, window):
        self._window, self._view = window, window.sight
        self._tap: Tap | None = None
        self._spectrum: Spectrum | None = None
        self._rate = 0
        self._due_s = self._curves_due_s = 0.0
        self._drawn: tuple = ()  # what the curves show
        self._spans: tuple = ((), np.zeros((2, 0)))  # the corners, and those of their channels
        self._view.switched.connect(self._switch)
        self._view.set_on(self.on)

    @property
    def on(self) -> bool:
        """As the player chose; else, whether this machine has processors to spare."""
        wish = self._window.settings.now.sight
        return processors() > FEW_PROCESSORS if wish is None else wish

    def _switch(self, on):
        self._window.settings.change(sight=on)
        self._tap = None
        self._view.set_on(on)

    def show(self, telemetry: Telemetry) -> None:
        """What has sounded since the last call, if it is seen and the budget allows for it."""
        now_s = time.monotonic()
        if not self.on or not self._view.isVisible():
            self._tap = None
            return
        if now_s < self._due_s:
            return
        begin = time.thread_time()
        if self._follow(*telemetry.tap):
            self._show_spectrum()
        self._show_curves(telemetry, now_s)
        cost_s = time.thread_time() - begin + self._view.painted_s
        self._due_s = now_s + max(cost_s / SHARE, SHORTEST_S)

    def _follow(self, path, rate):
        """Whether there is a ring to be read; another one after a change of the device."""
        if self._tap is None or self._tap.path != path or not self._tap.current:
            self._tap = _tap(path)
            if self._tap is None and path:
                self._view.set_on(True, _NOT_HERE)
        if self._tap is not None and rate != self._rate:
            self._rate, self._spectrum = rate, Spectrum(rate)
        return self._tap is not None

    def _show_spectrum(self):
        columns = self._spectrum.add(self._tap.read())
        if not len(columns):
            return
        self._view.rainbow.add(columns.levels_db, columns.turns)
        level_db = float(columns.levels_db[-1].max())
        heard = peaks(columns.levels_db[-1], columns.hz[-1]) if level_db > SILENT_DB else []
        self._view.rainbow.tell(level_db, heard)

    def _show_curves(self, telemetry, now_s):
        corners = self._window.session.corners
        note = _loudest(telemetry)
        if note is None or len(corners) <= note[1].corner:
            self._view.curves.set_frame(None)
            return
        voice, standing = note
        key = (corners, standing.corner, standing.pitch, standing.velocity, *(round(p / _STEP) for p in voice.place))
        if key != self._drawn and now_s >= self._curves_due_s:
            self._drawn, self._curves_due_s = key, now_s + _CURVES_S
            self._draw(corners, voice, standing)
        self._view.curves.set_frame(standing.frame)

    def _draw(self, corners, voice, standing):
        if self._spans[0] is not corners:
            self._spans = corners, spans(corners)
        curves = curves_at(corners, self._window.session.places, voice.place, standing)
        middle, reach = self._spans[1]
        heading = f"{corners[standing.corner].name}, {note_name(voice.note)}"
        values = np.clip((curves.values - middle) / reach, -1.0, 1.0)
        self._view.curves.set_curves(values, curves.loop, curves.release, heading)


def processors() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _tap(path):
    try:
        return Tap(path) if path else None
    except (OSError, ValueError):
        return None


def _loudest(telemetry: Telemetry) -> tuple[Sounding, Standing] | None:
    """The held voice that is loudest, else the loudest that rings out."""
    voices = list(zip(telemetry.voices, telemetry.standing, strict=False))
    return max(voices, key=lambda each: (each[0].held, each[0].level), default=None)
