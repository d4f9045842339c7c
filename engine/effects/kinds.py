"""What effects there are, and their parameters: plain data, for the window as well as for the sound."""

from dataclasses import dataclass

from engine.parameters import Parameter

DEFAULT_BPM = 120.0
TEMPO = Parameter("Tempo", "bpm", 20.0, 300.0, DEFAULT_BPM)
TEMPO_BPM = "tempo_bpm"  # what every effect is told, beside its own parameters

# Beats (quarter notes) of the times that a delay may have.
BEATS = {
    "free": 0.0, "1/32": 1 / 8, "1/16t": 1 / 6, "1/16": 1 / 4, "1/8t": 1 / 3, "1/8": 1 / 2, "1/8.": 3 / 4,
    "1/4t": 2 / 3, "1/4": 1.0, "1/4.": 3 / 2, "1/2": 2.0, "1/1": 4.0,
}  # fmt: skip

# What every slot has, whatever is in it.
WET, ON = "wet", "on"
COMMON = {
    WET: Parameter("Wet", "", 0.0, 1.0, 1.0),
    ON: Parameter("On", "", 0.0, 1.0, 1.0, choices=("off", "on")),
}


@dataclass(frozen=True)
class Kind:
    """One effect.

    label : for the window; maker : "module:class"
    macro : the parameter of its one knob; rows : its parameters by name; wet : of a slot that is new
    beside : its sound is another one beside the dry sound, so that their powers add up; else it is the dry sound
        changed, and their amplitudes do
    """

    label: str
    maker: str
    macro: str
    rows: dict[str, Parameter]
    wet: float = 1.0
    beside: bool = False


KINDS = {
    "reverb": Kind(
        "Reverb", "engine.effects.board:Reverb", "size", {
            "size": Parameter("Size", "", 0.0, 1.0, 0.5),
            "damping": Parameter("Damping", "", 0.0, 1.0, 0.5),
            "width": Parameter("Width", "", 0.0, 1.0, 1.0),
        }, wet=0.2, beside=True,
    ),
    "chorus": Kind(
        "Chorus", "engine.effects.board:Chorus", "depth", {
            "depth": Parameter("Depth", "", 0.0, 1.0, 0.25),
            "rate_hz": Parameter("Rate", "Hz", 0.05, 5.0, 0.6, scale="log"),
            "feedback": Parameter("Feedback", "", 0.0, 0.9, 0.0),
        }, wet=0.5, beside=True,
    ),
    "delay": Kind(
        "Delay", "engine.effects.delay:Delay", "feedback", {
            "feedback": Parameter("Repeats", "", 0.0, 0.95, 0.35),
            "time_ms": Parameter("Time", "ms", 10.0, 2000.0, 375.0, scale="log"),
            "sync": Parameter("Sync", "", 0.0, len(BEATS) - 1.0, 0.0, choices=tuple(BEATS)),
            "tone_hz": Parameter("Tone", "Hz", 500.0, 20000.0, 5000.0, scale="log"),
            "spread": Parameter("Ping-pong", "", 0.0, 1.0, 0.5),
        }, wet=0.2, beside=True,
    ),
    "drive": Kind(
        "Drive", "engine.effects.drive:Drive", "drive_db", {
            "drive_db": Parameter("Drive", "dB", 0.0, 36.0, 12.0),
            "tone_hz": Parameter("Tone", "Hz", 500.0, 20000.0, 8000.0, scale="log"),
            "level_db": Parameter("Level", "dB", -24.0, 6.0, 0.0),
        },
    ),
    "filter": Kind(
        "Filter", "engine.effects.board:Filter", "cutoff_hz", {
            "cutoff_hz": Parameter("Cutoff", "Hz", 20.0, 20000.0, 4000.0, scale="log"),
            "resonance": Parameter("Resonance", "", 0.0, 1.0, 0.1),
            "drive": Parameter("Drive", "x", 1.0, 10.0, 1.0),
        },
    ),
    "eq": Kind(
        "EQ", "engine.effects.eq:Equalizer", "mid_db", {
            "low_db": Parameter("Low", "dB", -18.0, 18.0, 0.0),
            "low_hz": Parameter("Low at", "Hz", 30.0, 500.0, 120.0, scale="log"),
            "mid_db": Parameter("Mid", "dB", -18.0, 18.0, 0.0),
            "mid_hz": Parameter("Mid at", "Hz", 100.0, 8000.0, 1000.0, scale="log"),
            "mid_q": Parameter("Mid width", "Q", 0.3, 8.0, 1.0, scale="log"),
            "high_db": Parameter("High", "dB", -18.0, 18.0, 0.0),
            "high_hz": Parameter("High at", "Hz", 1500.0, 16000.0, 6000.0, scale="log"),
        },
    ),
    "compressor": Kind(
        "Compressor", "engine.effects.compressor:Compressor", "threshold_db", {
            "threshold_db": Parameter("Threshold", "dB", -60.0, 0.0, -24.0),
            "ratio": Parameter("Ratio", ": 1", 1.0, 20.0, 3.0, scale="log"),
            "attack_ms": Parameter("Attack", "ms", 0.5, 100.0, 10.0, scale="log"),
            "release_ms": Parameter("Release", "ms", 20.0, 2000.0, 200.0, scale="log"),
            "makeup_db": Parameter("Make-up", "dB", 0.0, 24.0, 0.0),
        },
    ),
    "width": Kind(
        "Width", "engine.effects.width:Width", "spread", {
            "spread": Parameter("Spread", "", 0.0, 1.0, 0.5),
            "sides": Parameter("Sides", "x", 0.0, 2.0, 1.0),
        },
    ),
}  # fmt: skip


def rows_of(kind: str) -> dict[str, Parameter]:
    """The parameters of a kind; none where it is unknown here."""
    return KINDS[kind].rows if kind in KINDS else {}
