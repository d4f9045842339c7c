"""MIDI ports come, go and come back; RtMidi is a fake that the test plugs cables into."""

import pytest

from engine.commands import CHANNELS_OF_A_PORT, LetGo, NoteOn, PitchBend, SetMpe
from engine.events.tempo import Tick
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
        self.ignores = {"sysex": True, "timing": True, "active_sense": True}

    def ignore_types(self, **types):
        self.ignores |= types

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
        monkeypatch.setattr("engine.live.ports._SENDERS", {ALSA: FakeSenders, JACK: FakeSenders})
        monkeypatch.setattr(FakeSenders, "connected", set())
        module, played = FakeRtMidi(**plugged), []
        return module, MidiPorts(lambda event, time: played.append((event, time)), module), played

    return install


def events(played):
    return [event for event, _ in played]


class FakeSenders:
    """Tells what a test says: one port of ours, and who is connected to it."""

    connected: set = set()

    def __init__(self, name):
        self._looks = 0

    def ports(self, client):
        self._looks += 1
        return {"Manifold-02:in"} if self._looks == 1 else {"Manifold-02:in", "Manifold:in"}

    def of(self, port):
        return set(self.connected) if port == "Manifold:in" else set()


def first_channel(ports, name):
    """Of an open port."""
    return next(port.number for (_, each), port in ports._open.items() if each == name) * CHANNELS_OF_A_PORT


def test_every_port_is_listened_to(plug):
    module, ports, played = plug(alsa=["Keys 20:0", "Pads 24:0"])
    ports.listen()
    assert ports.listening == ports.available == ("Keys 20:0", "Pads 24:0")
    module.opened["Pads 24:0"].callback(([0x90, 60, 100], 0.0))
    assert events(played) == [NoteOn(60, 100, first_channel(ports, "Pads 24:0"))]
    assert ports.notice == ""


def test_every_port_has_channels_of_its_own(plug):
    module, ports, played = plug(alsa=["Keys 20:0", "Pads 24:0"], jack=["sequencer:out"])
    ports.listen()
    for name in ("Keys 20:0", "Pads 24:0", f"virtual {ALSA}", f"virtual {JACK}"):
        module.opened[name].callback(([0x93, 60, 100], 0.0))
    channels = [event.channel for event in events(played)]
    assert len(set(channels)) == 4 and {channel % CHANNELS_OF_A_PORT for channel in channels} == {3}
    assert min(channels) >= CHANNELS_OF_A_PORT  # the first belong to the window


def test_more_ports_than_there_are_numbers_share_the_last(plug):
    names = [f"Keys {number}:0" for number in range(20, 60)]
    module, ports, played = plug(alsa=names)
    ports.listen()
    for name in names:
        module.opened[name].callback(([0x9F, 60, 100], 0.0))
    assert len(events(played)) == 40 and max(event.channel for event in events(played)) == 255


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
    keys, pads = first_channel(ports, "Keys 20:0"), first_channel(ports, "Pads 24:0")
    assert events(played) == [PitchBend(0, pads), NoteOn(60, 99, keys)]


def test_events_carry_the_time_of_arrival_in_order(plug):
    module, ports, played = plug(alsa=["Keys 20:0"])
    ports.listen()
    for note in (60, 61):
        module.opened["Keys 20:0"].callback(([0x90, note, 1], 0.0))
    (_, first), (_, second) = played
    assert 0 < first <= second


def test_tunings_and_clocks_are_let_through(plug):
    module, ports, played = plug(alsa=["Keys 20:0"])
    ports.listen()
    assert not module.opened["Keys 20:0"].ignores["sysex"] and not module.opened["Keys 20:0"].ignores["timing"]
    module.opened["Keys 20:0"].callback(([0xF8], 0.0))
    module.opened["Keys 20:0"].callback(([0x90, 0xF8, 60, 99], 0.0))
    keys = first_channel(ports, "Keys 20:0")
    tick = Tick(keys // CHANNELS_OF_A_PORT)
    assert events(played) == [tick, NoteOn(60, 99, keys), tick]


def test_a_port_that_vanishes_lets_go_of_its_notes_and_pedal(plug):
    module, ports, played = plug(alsa=["Keys 20:0"])
    ports.listen()
    for message in ([0x90, 60, 100], [0x91, 64, 100], [0x90, 67, 100], [0x80, 67, 0], [0xB0, 64, 127]):
        module.opened["Keys 20:0"].callback((message, 0.0))
    played.clear()
    number = first_channel(ports, "Keys 20:0") // CHANNELS_OF_A_PORT
    module.plugged[ALSA] = []
    ports.poll()
    assert events(played) == [LetGo(number)]
    assert ports.listening == ()


def test_a_program_that_leaves_our_port_lets_go(plug):
    module, ports, played = plug(jack=[])
    ports.listen()
    FakeSenders.connected = {"one:out", "two:out"}
    ports.watch()
    assert events(played) == []
    FakeSenders.connected = {"two:out", "three:out"}
    ports.watch()
    ports.watch()
    (left,) = events(played)
    module.opened[f"virtual {JACK}"].callback(([0x90, 60, 100], 0.0))
    assert left == LetGo(events(played)[-1].channel // CHANNELS_OF_A_PORT)
    played.clear()
    ports.watch()
    assert events(played) == []
    FakeSenders.connected = set()
    ports.watch()
    module.opened[f"virtual {JACK}"].callback(([0x90, 60, 100], 0.0))  # of one that came and went unseen
    played.clear()
    ports.watch()
    assert events(played) == [left]


def test_a_port_that_comes_back_is_heard_again_and_none_leaks(plug):
    module, ports, played = plug(alsa=["Keys 20:0"])
    ports.listen()
    for _ in range(100):
        module.plugged[ALSA] = []
        ports.poll()
        module.plugged[ALSA] = ["Other 28:0", "Keys 20:0"]
        ports.poll()
    played.clear()
    module.opened["Keys 20:0"].callback(([0x90, 60, 100], 0.0))
    assert events(played) == [NoteOn(60, 100, first_channel(ports, "Keys 20:0"))]
    assert module.deleted == 100 + 99  # "Keys 20:0" a hundred times, "Other 28:0" all but the last


def test_other_programs_can_connect(plug):
    module, ports, played = plug(jack=[])
    ports.listen()
    module.opened[f"virtual {JACK}"].callback(([0x90, 60, 100], 0.0))
    assert [event.note for event in events(played)] == [60]
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
    number = first_channel(ports, "Keys 20:0") // CHANNELS_OF_A_PORT
    ports.close()
    assert LetGo(number) in events(played)
    assert ports.listening == ()


def test_a_program_that_plays_through_our_port_is_no_missing_keyboard(plug):
    _, ports, _ = plug(jack=[])
    ports.listen()
    assert "no keyboard" in ports.notice
    FakeSenders.connected = {"sequencer:out"}
    ports.watch()
    ports.poll()
    assert ports.notice == "" and ports.listening == ("sequencer:out",)
    FakeSenders.connected = set()
    ports.watch()
    ports.poll()
    assert "no keyboard" in ports.notice and ports.listening == ()


def test_every_port_has_the_mpe_that_was_asked_for_by_its_name(plug):
    """Before it came and after, once for each change; whoever gets its number next begins anew."""
    module, ports, played = plug(alsa=["LinnStrument MIDI 1 20:0", "Keys 24:0"])
    ports.set_mpe({"linnstrument": "on", "": "off", "Manifold": "auto"})
    ports.listen()
    linn, keys = (
        first_channel(ports, name) // CHANNELS_OF_A_PORT for name in ("LinnStrument MIDI 1 20:0", "Keys 24:0")
    )
    assert sorted(events(played), key=lambda event: event.port) == sorted(
        [SetMpe("on", linn), SetMpe("off", keys)], key=lambda event: event.port
    )
    played.clear()
    ports.set_mpe({"linnstrument": "on"})
    assert events(played) == [SetMpe("auto", keys)]
    played.clear()
    module.plugged[ALSA] = ["Keys 24:0"]
    ports.poll()
    assert events(played) == [LetGo(linn), SetMpe("auto", linn)]
    played.clear()
    module.plugged[ALSA] = ["Keys 24:0", "LinnStrument MIDI 1 28:0"]
    ports.poll()
    assert events(played) == [SetMpe("on", first_channel(ports, "LinnStrument MIDI 1 28:0") // CHANNELS_OF_A_PORT)]
