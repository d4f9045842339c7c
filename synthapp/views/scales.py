"""How a parameter's value maps to the way of a knob (0..1) and to text, and back."""

import math

from engine.parameters import Parameter

_SHORT = {"semitones": "st", "x": "×"}


def to_fraction(parameter: Parameter, value: float) -> float:
    """Where the knob stands, 0..1."""
    value = parameter.clamp(value)
    if parameter.scale == "log":
        low, high, shift = _log_range(parameter)
        return (math.log(value + shift) - low) / (high - low)
    return (value - parameter.minimum) / (parameter.maximum - parameter.minimum)


def from_fraction(parameter: Parameter, fraction: float) -> float:
    """The value where the knob stands at `fraction`; whole semitones and choices."""
    fraction = min(max(fraction, 0.0), 1.0)
    if parameter.scale == "log":
        low, high, shift = _log_range(parameter)
        value = math.exp(low + fraction * (high - low)) - shift
    else:
        value = parameter.minimum + fraction * (parameter.maximum - parameter.minimum)
    if parameter.unit == "semitones" or parameter.choices:
        value = round(value)
    return parameter.clamp(float(value))


def is_bipolar(parameter: Parameter) -> bool:
    """The default is the middle of the way, and no share: the knob's arc grows from there to both sides."""
    is_share = (parameter.minimum, parameter.maximum) == (0.0, 1.0)
    return not is_share and math.isclose(to_fraction(parameter, parameter.default), 0.5)


def to_text(parameter: Parameter, value: float) -> str:
    """The value with its unit, as short as it stays clear: '12 ms', '1.20 s', '-3.0 dB', '+2 st'."""
    if parameter.choices:
        return parameter.choices[round(parameter.clamp(value))]
    if parameter.unit == "ms":
        return _milliseconds(value)
    if parameter.unit == "Hz" and value >= 1000:
        return f"{value / 1000:.1f} kHz"
    if parameter.unit == "semitones":
        sign = "+" if parameter.minimum < 0 and value else ""
        return f"{value:{sign}.4g} st"
    if parameter.unit in ("dB", "Hz", "bpm"):
        return f"{value:.1f} {parameter.unit}"
    return f"{value:.2f} {_SHORT.get(parameter.unit, parameter.unit)}".strip()


def from_text(parameter: Parameter, text: str) -> float | None:
    """The value that a player typed, inside the range, with or without unit; None where it is no number."""
    text = text.strip().lower().replace(",", ".").replace("−", "-")
    if text in parameter.choices:
        return float(parameter.choices.index(text))
    if parameter.unit == "Hz" and text.endswith("khz"):
        return _number(parameter, text.removesuffix("khz"), 1000.0)
    for unit in sorted({parameter.unit, _SHORT.get(parameter.unit, parameter.unit)}, key=len, reverse=True):
        if unit and text.endswith(unit.lower()):
            return _number(parameter, text.removesuffix(unit.lower()), 1.0)
    if parameter.unit == "ms" and text.endswith("s"):
        return _number(parameter, text.removesuffix("s"), 1000.0)
    return _number(parameter, text, 1.0)


def _number(parameter, text, factor):
    try:
        value = float(text) * factor
    except ValueError:
        return None
    return parameter.clamp(value) if math.isfinite(value) else None


def _milliseconds(value):
    if value >= 1000:
        return f"{value / 1000:.2f} s"
    return f"{value:.0f} ms" if value >= 10 else f"{value:.1f} ms"


def _log_range(parameter):
    """Logarithms of both ends; a range from 0 is shifted by one unit."""
    shift = 1.0 if parameter.minimum <= 0 else 0.0
    return math.log(parameter.minimum + shift), math.log(parameter.maximum + shift), shift
