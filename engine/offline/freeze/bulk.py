"""Many notes through one decoder, each as a voice of the synth plays it: same latents, same pitch, same randomness."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from common.pitch import key_hz
from engine.decoder.protocol import Decoder
from engine.parameters import Param
from engine.voice.noise import Uniforms
from engine.voice.sound import Sound
from engine.voice.trajectory import Trajectories


@dataclass(frozen=True)
class Note:
    """key : MIDI number; weights : float64 (sounds,), how much of each sound it has"""

    key: int
    weights: np.ndarray


def play_notes(
    notes: list[Note], decoder: Decoder, sound: Sound, velocity: int, held: int, samples: int,
    progress: Callable[[float], object] = lambda share: None,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Play notes at once, without envelope and effects; every one is the first that its synth plays, with seed 0.

    decoder : with as many slots at least; held, samples : in whole ticks, until the key goes up and to the end
    progress : is told the share done, after every tick
    returns : audio, float32 (notes, samples); latents, float32 (notes, ticks, latent)
    """
    tick, slots = decoder.config.tick, np.arange(len(notes))
    latents = latents_of(notes, decoder.config, sound, velocity, held, samples)
    f0_hz = np.repeat(key_hz(np.array([note.key for note in notes]))[:, None], tick, 1).astype(np.float32)
    temperature = np.full(len(notes), sound.parameters[Param.TEMPERATURE], np.float32)
    uniforms = Uniforms(0, len(notes))
    for slot in range(len(notes)):
        uniforms.start(slot, 0)
    decoder.reset(slots)
    audio, noise = np.zeros((len(notes), samples), np.float32), np.zeros((len(notes), tick), np.float32)
    part = np.zeros_like(noise)
    for number in range(samples // tick):
        uniforms.render(slots, noise)
        decoder.render(slots, np.ascontiguousarray(latents[:, number]), f0_hz, temperature, noise, part)
        audio[:, number * tick : (number + 1) * tick] = part
        progress((number + 1) * tick / samples)
    return audio, latents


def latents_of(notes: list[Note], config, sound: Sound, velocity: int, held: int, samples: int) -> np.ndarray:
    """float32 (notes, ticks, mixed): what a decoder of this config is given for these notes, tick by tick.

    Their loops have no life: a recording has one of its own.
    """
    slots, weights = np.arange(len(notes)), np.array([note.weights for note in notes])
    trajectories = Trajectories(config, len(notes))
    for slot, note in enumerate(notes):
        trajectories.start(slot, note.key, velocity, 0.0)
    given = np.zeros((len(notes), samples // config.tick, config.mixed), np.float32)
    for number in range(given.shape[1]):
        trajectories.advance(slots, sound, weights, sound.parameters)
        given[:, number] = trajectories.latents
        if (number + 1) * config.tick == held:  # a key goes up within a tick, and is heard from the next one on
            for slot in range(len(notes)):
                trajectories.release(slot)
        trajectories.sounded(slots, config.tick)
    return given
