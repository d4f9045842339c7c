"""A frozen pad as SFZ and WAV files, for any sampler: the pad is a crossfade on two controllers.

Every recording is written at one phase and with the level that it was played with, so that the notes of a key mix
as they do here. That costs their vibrato: a sampler cannot bend the notes that it mixes, each its own way. The release
is an envelope. Format: https://sfzformat.com
"""

from pathlib import Path

import numpy as np
import soundfile

from common.atomic import replacing
from engine.decoder.frozen.loops import REACH, kernel, read
from engine.parameters import TABLE, Param
from engine.voice.envelope import MIN_ATTACK_MS
from engine.voice.sound import recorded_release_ms
from models.frozen import FrozenConfig, Neighbour
from presets.library import file_name
from presets.pad import corner_weights
from presets.preset import Preset

PAD_X, PAD_Y = 16, 17  # MIDI's general purpose controllers 1 and 2
SAMPLES = "samples"
_MOST = 127  # of a controller
_PEAK = 0.9  # of the loudest recording
_LONGEST_S = 100.0
_ENVELOPE_DB = 78.0  # by which a sampler's exponential falls in its time: e^-9
_SILENT_DB = 60.0  # by which a release has ended


def write_sfz(preset: Preset, config: FrozenConfig, weights: dict[str, np.ndarray], folder: Path) -> Path:
    """Write the instrument beside its samples. Returns its path; raises SynthError.

    preset : the frozen one; weights : the tensors of `models.frozen.frozen_shapes`
    """
    stem = Path(file_name(preset.name)).stem
    path = folder / f"{stem}.sfz"
    samples = folder / SAMPLES
    samples.mkdir(exist_ok=True)
    falls = [_fall_db_per_s(preset, point, config) for point in range(config.points)]
    gain = _PEAK / max(_loudest(config, weights), _PEAK)
    regions = []
    for key in range(len(config.keys)):
        for point in range(config.points):
            name = f"{stem} {config.keys[key]:03d}-{point % config.side}-{point // config.side}.wav"
            with replacing(samples / name) as temporary:
                audio = gain * sounding(config, weights, preset, key, point)
                soundfile.write(temporary, audio, config.rate, "PCM_16", format="WAV")
            regions.append(_region(f"{SAMPLES}/{name}", key, point, falls[point], config, _loop(weights, key)))
    with replacing(path) as temporary:
        temporary.write_text(_head(preset, config, _curve(weights)) + "".join(regions))
    return path


def sounding(config, weights, preset, key, point):
    """float64 (samples,): one recording to a little beyond its loop, as loud as it was, its periods of one length."""
    start, end = weights["loops"][key]
    first, last = _loop(weights, key)
    stretch = (end - start) / (last - first)  # hundredths of a cent, so that the loop has whole samples
    phases = start + stretch * (np.arange(last + REACH) - first)
    ticks = phases / config.tick
    each = np.arange(config.ticks)
    places = phases + np.interp(ticks, each, weights["warps"][key, point])
    levels = np.interp(places / config.tick, each, weights["levels"][key, point])
    step = weights["peaks"][key, point] / np.iinfo(np.int16).max
    fall_db = _fallen_db(preset, point, config, np.minimum(phases, start))
    return step * read(weights["notes"][key, point], places, kernel()) * 10.0 ** ((levels + fall_db) / 20.0)


def _loop(weights, key):
    """First sample of a key's loop, and the first after it."""
    start, end = weights["loops"][key]
    return round(float(start)), round(float(start)) + round(float(end - start))


def _fallen_db(preset, point, config, samples):
    """How far a note has fallen by then, by itself."""
    falls = zip(_corner_weights(point, config), preset.corners, strict=True)
    return sum(
        -weight * abs(corner.decay_db_per_s) * np.maximum(samples / config.rate - _loop_s(corner, config), 0.0)
        for weight, corner in falls
    )


def _loop_s(corner, config):
    return corner.loop[0] * config.hop / config.rate


def _fall_db_per_s(preset, point, config):
    weights = _corner_weights(point, config)
    return sum(weight * abs(corner.decay_db_per_s) for weight, corner in zip(weights, preset.corners, strict=True))


def _corner_weights(point, config):
    last = config.side - 1
    return corner_weights(point % config.side / last, point // config.side / last)


def _loudest(config, weights):
    """About the largest sample of all."""
    return float((weights["peaks"] * 10.0 ** (weights["levels"].max(2) / 20.0)).max())


def _head(preset, config, curve):
    x, y = (round(_MOST * place) for place in preset.pad)
    return (
        f"// {preset.name}: controller {PAD_X} is the pad from left to right, {PAD_Y} from bottom to top\n"
        f"<control>\nlabel_cc{PAD_X}=Pad X\nlabel_cc{PAD_Y}=Pad Y\nset_cc{PAD_X}={x}\nset_cc{PAD_Y}={y}\n"
        f"<global>\nloop_mode=loop_continuous\n"
        f"ampeg_attack={_parameter_s(preset, Param.ATTACK_MS, MIN_ATTACK_MS):.4f}\n"
        f"ampeg_release={_release_s(preset, config):.3f}\n"
        f"xf_cccurve={curve}\n"
    )


def _curve(weights):
    """Notes that are alike mix by their amplitudes, others by their powers."""
    alike = weights["likeness"][:, 0, Neighbour.RIGHT]
    return "gain" if np.median(alike) > 0.5 else "power"


def _release_s(preset, config):
    """Of an envelope about as long as the recorded release, or the player's if that is shorter."""
    recorded = recorded_release_ms(preset, config) / 1000.0
    asked = _parameter_s(preset, Param.RELEASE_MS)
    return _ENVELOPE_DB / _SILENT_DB * (min(recorded, asked) if recorded else asked)


def _parameter_s(preset, param, least_ms=0.0):
    return max(preset.parameters.get(param.name.lower(), TABLE[param].default), least_ms) / 1000.0


def _region(sample, key, point, fall, config, loop):
    start, end = loop
    low, high = _zone(key, config.keys)
    opcodes = [
        f"sample={sample}",
        f"lokey={low} hikey={high} pitch_keycenter={config.keys[key]} loop_start={start} loop_end={end - 1}",
        *_fades(PAD_X, point % config.side, config.side), *_fades(PAD_Y, point // config.side, config.side),
    ]  # fmt: skip
    if fall:
        decay = min(_ENVELOPE_DB / fall, _LONGEST_S)
        opcodes.append(f"ampeg_hold={start / config.rate:.3f} ampeg_decay={decay:.3f} ampeg_sustain=0")
    return "<region> " + " ".join(opcodes) + "\n"


def _zone(key, keys):
    """Lowest and highest key that a recording plays: up to half way to its neighbours."""
    low = 0 if key == 0 else (keys[key - 1] + keys[key]) // 2 + 1
    high = _MOST if key == len(keys) - 1 else (keys[key] + keys[key + 1]) // 2
    return low, high


def _fades(controller, place, side):
    """Opcodes: in from the neighbour before, out to the neighbour after."""
    before, here, after = (round(_MOST * (place + step) / (side - 1)) for step in (-1, 0, 1))
    fades = []
    if place > 0:
        fades.append(f"xfin_locc{controller}={before} xfin_hicc{controller}={here}")
    if place < side - 1:
        fades.append(f"xfout_locc{controller}={here} xfout_hicc{controller}={after}")
    return fades
