"""Lets controllers, an orbit and gestures move the sound: what the player asks for there, done."""

import time

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu

from engine.commands import SetRoutes
from presets.movement import USUAL, Route
from synthapp import moving


class MovingControl(QObject):
    """window : whose pad, knobs, session and settings they are

    Signals
    changed() : the session is another
    """

    changed = Signal()

    def __init__(self, window):
        super().__init__(window)
        self._window, self._view = window, window.modulation
        self._learning = ""  # target of the route that the next controller is to get
        self._for_preset = False  # whether that is the preset's own
        self._heard = 0  # messages of controllers
        self._gesture: moving.Gesture | None = None  # while one is recorded
        self._knobs = {param: knob for view in window.knob_views for param, knob in view.knobs.items()}
        for knob in self._knobs.values():
            knob.menu_wanted.connect(lambda param, point: self._show_menu(param.name.lower(), point))
        window.effects.menu_wanted.connect(lambda slot, name, point: self._show_menu(f"{slot}.{name}", point))
        window.pad.menu_wanted.connect(self._fill_pad_menu)
        self._view.orbit_changed.connect(lambda orbit: self._move("the orbit", orbit.put_into(self._movement)))
        self._view.record_wanted.connect(self._record)
        self._view.path_changed.connect(
            lambda loop, per_note: self._set_path(self._movement.path, loop=loop, per_note=per_note)
        )
        self._view.path_removed.connect(lambda: self._set_path(None))
        self._view.route_removed.connect(self._remove)
        if window.settings.now.routes != USUAL:
            window.client.send(SetRoutes(window.settings.now.routes))

    @property
    def _movement(self):
        return self._window.session.movement

    @property
    def _usual(self):
        return self._window.settings.now.routes

    def show(self) -> None:
        """The movement of the session, and the routes of every sound."""
        own = [route for route in self._movement.routes if route.source not in ("lfo1", "lfo2")]
        texts = {route: self._text(route) for route in self._usual}
        texts |= {route: f"{self._text(route)} (preset)" for route in own}
        self._view.show_movement(self._movement, texts)
        led = {route.target for route in texts if route.sets}
        self._window.effects.show_led(led)
        for param, knob in self._knobs.items():
            knob.dial.set_led(param.name.lower() in led)

    def _label(self, target):
        return moving.label_of(target, self._window.session.effects or ())

    def _text(self, route):
        return moving.text_of(route, self._window.session.effects or ())

    # Learning

    def hear(self, telemetry) -> None:
        """While something is being learnt: the source that has spoken since."""
        count, source = telemetry.heard
        if self._learning and count != self._heard and source:
            target, self._learning = self._learning, ""
            if self._for_preset:
                self._route_here(moving.learnt(self._movement.routes, source, target))
            else:
                self._route(moving.learnt(self._usual, source, target))
            self._window.notice.report(f"{self._text(Route(source, target))}: learnt")
        self._heard = count

    def cancel(self) -> bool:
        """Learn nothing. returns : whether something was being learnt"""
        learning, self._learning = self._learning, ""
        if learning:
            self._window.notice.report("nothing is learnt")
        return bool(learning)

    def learn(self, target: str, for_preset: bool = False) -> None:
        """Wait for the controller that is moved next. for_preset : it moves this sound alone, else every one"""
        self._learning, self._for_preset = target, for_preset
        self._window.notice.report(f"{self._label(target)}: move a controller · Esc cancels")

    def _show_menu(self, target, point):
        menu = QMenu(self._window)
        self._fill_menu(menu, target)
        menu.exec(point)

    def _fill_pad_menu(self, menu):
        for target in ("pad_x", "pad_y", "pad_touch"):
            self._fill_menu(menu, target)

    def _fill_menu(self, menu, target):
        name = self._label(target)
        menu.addAction(f"{name}: learn a controller", lambda: self.learn(target))
        if self._window.session.preset is not None:
            menu.addAction(f"{name}: learn a controller for this preset", lambda: self.learn(target, True))
        if any(route.sets and route.target == target for route in (*self._movement.routes, *self._usual)):
            menu.addAction(f"{name}: forget its controller", lambda: self._forget(target))

    def _forget(self, target):
        """Both the preset's and that of every sound."""
        own, usual = moving.forgotten(self._movement.routes, target), moving.forgotten(self._usual, target)
        if own != self._movement.routes:
            self._route_here(own)
        if usual != self._usual:
            self._route(usual)

    def _route(self, routes):
        """Change what controllers move in every sound."""
        self._window.settings.change(routes=routes)
        self._window.client.send(SetRoutes(routes))
        self.show()

    def _route_here(self, routes):
        """Change what moves this sound."""
        self._move("a route", moving.with_routes(self._movement, routes))

    def _remove(self, route):
        if route in self._movement.routes:
            self._route_here(tuple(each for each in self._movement.routes if each != route))
        else:
            self._route(tuple(each for each in self._usual if each != route))

    # The session's movement

    def draw(self, x: float, y: float) -> None:
        """The pad was moved: where a gesture is recorded, it is part of it."""
        if self._gesture is not None:
            self._gesture.add(time.monotonic(), x, y)

    def _record(self, begins):
        if begins:
            self._set_path(None)
            self._gesture = moving.Gesture()
            self._window.notice.report("draw on the pad; Done ends the gesture")
        elif self._gesture is not None:
            path, self._gesture = self._gesture.path(time.monotonic()), None
            if path is not None:
                if not self._window.control.springs:
                    self._window.control.move_pad(*path.points[0][1:])
                    self._window.pad.set_target(*self._window.session.pad)
                self._set_path(path)
        self._view.show_recording(self._gesture is not None)

    def _set_path(self, path, **changes):
        if path is not None or self._movement.path is not None:
            self._move("the gesture", moving.with_path(self._movement, path, **changes))

    def _move(self, what, movement):
        self._window.control.set_movement(what, movement, self._window.gestures.number)
        self.show()
        self.changed.emit()
