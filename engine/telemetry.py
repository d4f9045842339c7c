"""What the engine tells the window: one frozen snapshot, sent in answer to `commands.Poll`."""

import msgspec

from engine.commands import MusicalEvent
from presets.effects import Plugin


class Sounding(msgspec.Struct, frozen=True):
    """One sounding voice, for a dot on the pad and a lit key."""

    note: int
    level: float  # 0..1, envelope x velocity
    held: bool  # False once released
    pedal: bool = False  # a pedal alone holds it, its key is up
    place: tuple[float, float] = (0.5, 0.5)  # where on the pad


class Standing(msgspec.Struct, frozen=True):
    """Where a sounding voice stands in the sound that it is made of."""

    corner: int  # that weighs most in it
    frame: float  # of that corner's
    pitch: float  # MIDI number as which the sound is read
    velocity: float


class EffectState(msgspec.Struct, frozen=True):
    """How a slot of the chain is doing."""

    slot: int  # its id
    latency: int = 0  # device frames
    problem: str = ""  # why it plays dry; empty: it does not
    editing: bool = False  # its plug-in's own window is open


class Edited(msgspec.Struct, frozen=True):
    """What a hand did in a plug-in's own window; the engine plays it already."""

    slot: int  # its id
    gesture: int  # counts them, window by window
    values: dict[str, float]  # of its parameters
    plugin: Plugin | None = None  # as a preset is to keep it, where more than parameters has changed


class Telemetry(msgspec.Struct, frozen=True):
    """The engine's state as it is now. Times in ms, levels linear, load 0..1 of the block's time."""

    pad: tuple[float, float] = (0.5, 0.5)  # smoothed, as it sounds
    voices: tuple[Sounding, ...] = ()
    standing: tuple[Standing, ...] = ()  # of each of the voices
    polyphony: int = 0
    load: float = 0.0
    latency_ms: float = 0.0  # key to device, as far as the engine knows it
    xruns: int = 0  # callbacks that the device flagged or the ring could not fill
    peak: tuple[float, float] = (0.0, 0.0)  # since the last snapshot, after the limiter
    audio_device: str = ""  # empty: none open
    midi_ports: tuple[str, ...] = ()  # those listened to, and those that programs connected to ours
    audio_devices: tuple[str, ...] = ()  # those that could be opened
    available_midi_ports: tuple[str, ...] = ()
    recorded_release_ms: float = 0.0  # that the loaded sounds bring and end with; 0: they ring on as long as asked
    effects: tuple[EffectState, ...] = ()  # of the chain, first slot first
    plugins: tuple[tuple[int, Plugin], ...] = ()  # by slot, as a preset is to keep them; once after each change
    edited: tuple[Edited, ...] = ()  # since the last snapshot
    tempo: float = 120.0  # beats a minute
    tempo_source: str = ""  # who gives it: knob, link, transport (JACK's) or clock (MIDI's)
    osc_port: int = 0  # that it hears OSC on; 0: none
    preset: str = ""  # name of the loaded preset
    chosen: int = 0  # how often a program change or OSC has loaded one
    preset_path: bytes = b""  # the file that it loaded last
    model: str = ""  # fingerprint of the weights that play; empty: any preset is tried
    notice: str = ""  # last line for the user: what is missing or failed, and how to mend it
    turned: dict[
        str, float
    ] = {}  # what controllers have set since a hand did: targets of routes -> value, unit or share
    heard: tuple[int, str] = (0, "")  # how many messages of sources have come, and which source spoke last
    tap: tuple[str, int] = ("", 0)  # the file of what sounds (see tap.py) and its rate; empty: there is none
    samples: int = 0  # model samples rendered so far
    recorded_s: float | None = None  # how long a recording runs; None: none does
    taken: tuple[int, str] = (0, "")  # how many takes were saved, and where the last one is
    memory: tuple[MusicalEvent, ...] | None = None  # what `Restore` is to bring; None until it has brought it
