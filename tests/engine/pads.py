"""Frozen pads for tests: recorded from a decoder, or made of sines."""

import numpy as np

from engine.decoder.frozen.decoder import FrozenDecoder
from engine.offline.freeze.plan import frozen_preset, make_plan
from engine.offline.freeze.recording import record_keys
from engine.synth import Synth
from engine.voice.sound import Sound


def frozen(preset, decoder, side, keys):
    """(preset that plays them, config, tensors) of the recordings of a pad."""
    plan = make_plan(preset, decoder.config, side, keys)
    recordings = record_keys(plan.config.keys, preset, decoder, plan)
    weights = {name: np.stack([each[name] for each in recordings]) for name in recordings[0]}
    return frozen_preset(preset, plan), plan.config, weights


def frozen_synth(pad, rate=16000, polyphony=8):
    """A synth that plays a frozen pad. pad : (preset, config, tensors)"""
    preset, config, weights = pad
    synth = Synth(FrozenDecoder(config, weights, 2 * polyphony), rate, polyphony)
    synth.load(Sound.from_preset(preset, config))
    return synth
