"""MIDI ports come, go and come back; RtMidi is a fake that the test plugs cables into."""

import pytest

from engine.commands import ControlChange, NoteOff, NoteOn, PitchBend
from engine.live.ports import MidiPorts

ALSA, JACK = 2, 3


class FakeRtMidi:
    """The module: `plugged` are the ports of each API; an API without an entry has no server."""

    class SystemError(Exception):
        """RtMidi's."""

    class InvalidPortError(Exception):
        """RtMidi's."""

    def __init__(self, **plugged):
        self.plugged = {{"alsa": ALSA, "jack": JACK}[api]: list(names) for api, names in plugged.items()}
        self.opened: dict = {}  # port name -> MidiIn
        self.deleted = 0

    def get_compiled_api(self):
        return [ALSA, JACK]

    def MidiIn(self, api, name):
        if api not in self.plugged:
            raise self.SystemError("no server")
        return FakeMidiIn(self, api)


class FakeMidiIn:
    def __init__(self, module, api):
        self._module, self._api = module, api
        self.callback = None

    def get_ports(self):
        return list(self._module.plugged[self._api])

    def open_port(self, number, name):
        self._module.opened[self.get_ports()[number]] = self

    def open_virtual_port(self, name):
        self._module.opened[f"virtual {self._api}"] = self

    def set_callback(self, function):
        self.callback = function

    def cancel_callback(self):
        self.callback = None

    def close_port(self):
        """Nothing to close."""

    def delete(self):
        self._module.deleted += 1


@pytest.fixture
def plug(monkeypatch):
    """plug(alsa=[...], jack=[...]) -> (module, ports, played): events arrive in `played`."""

    def install(**plugged):
        monkeypatch.setattr("engine.live.ports._SIGNS", {ALSA: "null", JACK: "null"})
        module, played = FakeRtMidi(**plugged), []
        return module, MidiPorts(lambda event, time: played.append((event, time)), module), played

    return install


def events(played):
    return [event for event, _ in played]


def test_every_port_is_listened_to(plug):
    module, ports, played = plug(alsa=["Keys 20:0", "Pads 24:0"])
    ports.listen()
    assert ports.listening == ports.available == ("Keys 20:0", "Pads 24:0")
    module.opened["Pads 24:0"].callback(([0x90, 60, 100], 0.0))
    assert events(played) == [NoteOn(60, 100)]
    assert ports.notice == ""


def test_only_the_named_port_is_listened_to(plug):
    module, ports, _ = plug(alsa=["Keys 20:0", "Pads 24:0"])
    ports.listen("pad")
    assert ports.listening == ("Pads 24:0",)
    ports.listen(None)
    assert ports.listening == ("Keys 20:0", "Pads 24:0")


def test_each_port_parses_its_own_bytes(plug):
    module, ports, played = plug(alsa=["Keys 20:0", "Pads 24:0"])
    ports.listen()
    module.opened["Keys 20:0"].callback(([0x90, 60], 0.0))
    module.opened["Pads 24:0"].callback(([0xE0, 0, 64], 0.0))
    module.opened["Keys 20:0"].callback(([99], 0.0))
    assert events(played) == [PitchBend(0), NoteOn(60, 99)]


def test_events_carry_the_time_of_arrival_in_order(plug):
    module, ports, played = plug(alsa=["Keys 20:0"])
    ports.listen()
    for note in (60, 61):
        module.opened["Keys 20:0"].callback(([0x90, note, 1], 0.0))
    (_, first), (_, second) = played
    assert 0 < first <= second


def test_a_port_that_vanishes_lets_go_of_its_notes_and_pedal(plug):
    module, ports, played = plug(alsa=["Keys 20:0"])
    ports.listen()
    for message in ([0x90, 60, 100], [0x91, 64, 100], [0x90, 67, 100], [0x80, 67, 0], [0xB0, 64, 127]):
        module.opened["Keys 20:0"].callback((message, 0.0))
    played.clear()
    module.plugged[ALSA] = []
    ports.poll()
    assert set(events(played)) == {NoteOff(60, 0), NoteOff(64, 1), ControlChange(64, 0)}
    assert ports.listening == ()


def test_a_port_that_comes_back_is_heard_again_and_none_leaks(plug):
    module, ports, played = plug(alsa=["Keys 20:0"])
    ports.listen()
    for _ in range(100):
        module.plugged[ALSA] = []
        ports.poll()
        module.plugged[ALSA] = ["Other 28:0", "Keys 20:0"]
        ports.poll()
    module.opened["Keys 20:0"].callback(([0x90, 60, 100], 0.0))
    assert events(played) == [NoteOn(60, 100)]
    assert module.deleted == 100 + 99  # "Keys 20:0" a hundred times, "Other 28:0" all but the last


def test_other_programs_can_connect(plug):
    module, ports, played = plug(jack=[])
    ports.listen()
    module.opened[f"virtual {JACK}"].callback(([0x90, 60, 100], 0.0))
    assert events(played) == [NoteOn(60, 100)]
    assert "Manifold" in ports.notice


def test_a_server_that_starts_later_is_found(plug):
    module, ports, _ = plug()
    ports.listen()
    assert "neither" in ports.notice
    module.plugged[JACK] = ["system:midi_capture_1"]
    ports.poll()
    assert ports.listening == ("system:midi_capture_1",)


def test_hardware_that_both_apis_show_is_heard_once(plug):
    _, ports, _ = plug(alsa=["Keys 20:0"], jack=["system:midi_capture_1", "a2j:Keys"])
    for part in (None, "keys"):
        ports.listen(part)
        assert ports.listening == ("Keys 20:0",)


def test_hardware_that_jack_alone_shows_is_heard(plug):
    _, ports, _ = plug(jack=["system:midi_capture_1"])
    ports.listen()
    assert ports.listening == ("system:midi_capture_1",)


def test_programs_are_heard_only_where_they_are_named(plug):
    """They connect to the virtual port themselves; heard in both ways, every note would come twice."""
    _, ports, _ = plug(alsa=["VMPK Output:out 130:0", "Through 14:0"], jack=["sequencer:out"])
    ports.listen()
    assert ports.listening == ("Through 14:0",)
    ports.listen("sequencer")
    assert ports.listening == ("sequencer:out",)
    ports.listen("vmpk")
    assert ports.listening == ("VMPK Output:out 130:0",)


def test_a_missing_port_is_named(plug):
    _, ports, _ = plug(alsa=["Keys 20:0"])
    ports.listen("Organ")
    assert "'Organ'" in ports.notice
    assert "Keys 20:0" in ports.notice


def test_closing_lets_go_of_everything(plug):
    module, ports, played = plug(alsa=["Keys 20:0"])
    ports.listen()
    module.opened["Keys 20:0"].callback(([0x90, 60, 100], 0.0))
    ports.close()
    assert events(played)[-1] == NoteOff(60)
    assert ports.listening == ()
