"""Stand-ins that need no weights: decoders whose voices are sines, and small presets for them."""

import math
from dataclasses import dataclass

import numpy as np
from numba import njit

from models.config import WaveNetConfig
from presets.preset import EmbeddingSet, Preset

FAKE_CONFIG = WaveNetConfig(width=4, skip_width=4, layers=2, stages=2, taps=2, latent=4, harmonics=4)
LOUD_CONFIG = WaveNetConfig(width=4, skip_width=4, layers=2, stages=2, taps=2, latent=4, harmonics=4, loudness=True)


@dataclass(frozen=True)
class StereoConfig(WaveNetConfig):
    """Its voices have two sides."""

    stereo = True


STEREO_CONFIG = StereoConfig(width=4, skip_width=4, layers=2, stages=2, taps=2, latent=4, harmonics=4)
NOTE_CONFIG = WaveNetConfig(width=4, skip_width=4, layers=2, stages=2, taps=2, latent=4)  # it is not told the pitch

FRAMES, LOOP, RELEASE = 20, (6, 12), 14
FOLLOW_MS = 5.0


class FakeDecoder:
    """Decoder of two harmonics whose amplitudes are the first two latents; loudness is the whole's level in dB.

    Amplitudes follow the latents within some ms, as a network's output does, and are there at once when a note begins.
    Temperature adds its share of white noise from the uniforms.
    """

    def __init__(self, config: WaveNetConfig = FAKE_CONFIG, voices: int = 12):
        self.config = config
        self.voices = voices
        self._phases = np.zeros(voices)
        self._amplitudes = np.zeros((voices, 2))
        self._fresh = np.ones(voices, np.bool_)

    def reset(self, slots):
        self._phases[slots] = 0.0
        self._fresh[slots] = True

    def render(self, slots, latents, f0_hz, temperature, uniforms, audio):
        assert np.unique(slots).size == slots.size
        wanted = latents[:, :2].astype(np.float64)
        if self.config.loudness:
            wanted *= 10.0 ** (latents[:, -1:].astype(np.float64) / 20.0)
        self._amplitudes[slots] = np.where(self._fresh[slots, None], wanted, self._amplitudes[slots])
        self._fresh[slots] = False
        step = 1.0 - math.exp(-1000.0 / (FOLLOW_MS * self.config.rate))
        _render(slots, self._phases, self._amplitudes, wanted, step, f0_hz / self.config.rate, audio)
        audio += temperature[:, None] * (uniforms - 0.5)

    def close(self):
        """It has nothing to give back."""


@njit
def _render(slots, phases, amplitudes, wanted, step, cycles, audio):
    for row in range(slots.size):
        phase, levels = phases[slots[row]], amplitudes[slots[row]]
        for i in range(audio.shape[1]):
            phase = (phase + cycles[row, i]) % 1.0
            levels += step * (wanted[row] - levels)
            audio[row, i] = levels[0] * math.sin(2 * math.pi * phase) + levels[1] * math.sin(4 * math.pi * phase)
        phases[slots[row]] = phase


def fake_sound(name: str, first: float, second: float, config: WaveNetConfig = FAKE_CONFIG, level_db: float = 0.0):
    """One corner: constant amplitudes of both harmonics while held, fading over the release frames."""
    latents = np.zeros((1, 1, FRAMES, config.latent), np.float32)
    fade = np.clip((FRAMES - 1 - np.arange(FRAMES)) / (FRAMES - 1 - RELEASE), 0.0, 1.0)
    if config.loudness:
        latents[..., 0], latents[..., 1] = first, second
        latents[..., -1] = level_db - 60.0 * (1.0 - fade)
    else:
        latents[..., 0], latents[..., 1] = first * fade, second * fade
    return EmbeddingSet(name, latents, loop=LOOP, release=RELEASE)


def fake_preset(name: str = "Fake", config: WaveNetConfig = FAKE_CONFIG, **fields) -> Preset:
    """A preset for `FakeDecoder`: fundamental, octave, both, quiet fundamental at the corners; pad bottom left."""
    amplitudes = (("fundamental", 0.5, 0.0), ("octave", 0.0, 0.5), ("both", 0.25, 0.25), ("quiet", 0.1, 0.0))
    corners = tuple(fake_sound(*corner, config=config) for corner in amplitudes)
    return Preset(**{"name": name, "corners": corners, "pad": (0.0, 0.0)} | fields)  # type: ignore[arg-type]


class NoteDecoder:
    """Decoder that is not told the pitch: a sine of the MIDI note that its second latent says, as loud as the first.

    steps : samples that it has computed, those of all voices at once being one
    """

    def __init__(self, config: WaveNetConfig = NOTE_CONFIG, voices: int = 12):
        self.config = config
        self.voices = voices
        self.steps = 0
        self._phases = np.zeros(voices)

    def reset(self, slots):
        self._phases[slots] = 0.0

    def render(self, slots, latents, f0_hz, temperature, uniforms, audio):
        assert np.unique(slots).size == slots.size
        _render_notes(slots, self._phases, latents, self.config.rate, temperature, uniforms, audio)
        self.steps += audio.shape[1]

    def close(self):
        """It has nothing to give back."""


@njit
def _render_notes(slots, phases, latents, rate, temperature, uniforms, audio):
    for row in range(slots.size):
        cycles = 440.0 * 2.0 ** ((latents[row, 1] - 69.0) / 12.0) / rate
        for i in range(audio.shape[1]):
            phases[slots[row]] = (phases[slots[row]] + cycles) % 1.0
            noise = temperature[row] * (uniforms[row, i] - 0.5)
            audio[row, i] = latents[row, 0] * math.sin(2.0 * math.pi * phases[slots[row]]) + noise


def note_sound(name: str, pitches: tuple[int, ...], amplitude: float = 0.5):
    """One corner of `NoteDecoder`: its source notes, while held and while the key is up."""
    latents = np.zeros((len(pitches), 1, FRAMES, NOTE_CONFIG.latent), np.float32)
    latents[..., 0], latents[..., 1] = amplitude, np.array(pitches)[:, None, None]
    return EmbeddingSet(name, latents, pitches=pitches, loop=LOOP, release=FRAMES)


def note_preset(*pitches: tuple[int, ...], **fields) -> Preset:
    """A preset for `NoteDecoder`. pitches : the source notes of each corner; of all four where there is one."""
    four = pitches if len(pitches) > 1 else pitches * 4
    corners = tuple(note_sound(f"notes {index}", notes) for index, notes in enumerate(four))
    return Preset(**{"name": "Notes", "corners": corners, "pad": (0.0, 0.0)} | fields)  # type: ignore[arg-type]
