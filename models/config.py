"""The shape of a WaveNet autoencoder: one frozen table that torch, the engine and the checkpoints all read.

Free of torch, so that the engine starts without it.
"""

import math
from dataclasses import asdict, dataclass, fields
from typing import ClassVar, Protocol

import numpy as np

from common.errors import ModelError

CLASSES = 256  # mu-law codes
MU_CLASSES = 255  # companding of the 256 classes (ITU-T G.711)
MU_MIXTURE = 15  # lighter companding of the samples that a mixture of logistics models
PITCH_CLASSES = 128  # MIDI notes
LOG_SCALE_MIN = -6.5  # narrowest logistic, ln of the companded full scale: about -56 dB
GAIN_LOG_MAX = 4.0  # greatest ln of the amplitude that the conditioning gives a harmonic or a band of noise
MIDDLE_C_HZ = 261.6255653005986
REFERENCE_LEVEL = 0.2  # rms that the network works at: leaves a crest factor of 5 below full scale
MOTIONS = 3  # latent channels of motion, in this order
SPREAD, DEVIATION, STRETCH = range(MOTIONS)
HARMONIC_LIMIT = 0.95  # share of the Nyquist frequency; harmonics above it are not given to the network
TICK_S = 0.004  # between two steps of the gains, the conditioning and the spread

# What a file may claim before anything is allocated.
_LIMITS = {
    "width": (1, 2048), "skip_width": (1, 2048), "layers": (1, 100), "stages": (1, 14), "taps": (2, 3),
    "latent": (1, 256), "hop": (1, 65536), "rate": (1000, 192000),
    "encoder_width": (1, 2048), "encoder_layers": (0, 100), "encoder_stages": (1, 14),
    "harmonics": (0, 128), "noise": (0, 32), "gain_width": (0, 2048), "mixture": (0, 16),
}  # fmt: skip
_ENCODERS = ("dilated", "spectrum")


class Playable(Protocol):
    """What the engine asks of a config, of whatever kind of model; for what these are see WaveNetConfig.

    mixed : channels of a row that the decoder is given: those of a frame, and what more sounds have of their own
    free, detail : latent channels, see models.harmonic.config; empty elsewhere
    stereo : a voice is two rows of the decoder, left and right, each with a randomness of its own; only where the
        network is told the pitch
    """

    @property
    def rate(self) -> int: ...
    @property
    def hop(self) -> int: ...
    @property
    def tick(self) -> int: ...
    @property
    def latent(self) -> int: ...
    @property
    def mixed(self) -> int: ...
    @property
    def free(self) -> slice: ...
    @property
    def detail(self) -> slice: ...
    @property
    def stereo(self) -> bool: ...
    @property
    def timbre(self) -> int: ...
    @property
    def loudness(self) -> bool: ...
    @property
    def motion(self) -> bool: ...
    @property
    def deviation(self) -> int: ...
    @property
    def pitch(self) -> bool: ...
    @property
    def harmonics(self) -> int: ...


@dataclass(frozen=True)
class WaveNetConfig:
    """Sizes and options of one autoencoder. The defaults are NSynth's released model.

    width, skip_width : channels of the residual and the skip path of the decoder
    layers, stages : dilated layers, and the period of their dilations 1, 2, 4 ... 2 ** (stages - 1)
    taps : filter length of the causal convolutions, 2 or 3
    latent : channels of one embedding frame
    hop : samples per embedding frame
    rate : model samples per second
    encoder : "dilated" is the paper's, on raw audio; "spectrum" a small network on a log spectrum
    encoder_width, encoder_layers, encoder_stages : its sizes ("spectrum" uses the width alone)
    pitch : one-hot pitch (128 notes) is part of the conditioning
    harmonics : sin and cos of the phases of this many harmonics enter the network, together with a channel that
        marks fed-back samples as known, and the octave of the note as conditioning; 0: none
    noise : bands of noise that enter the network beside the harmonics; 0: none
    gain_width : hidden channels of the map from conditioning to the gains of harmonics and noise; 0: skip_width
    motion : MOTIONS latent channels are applied to the phases: by how many cents the harmonics stray from each other
        and the fundamental from the key, and how the partials are stretched (Fletcher's B in millionths)
    mixture : logistics in the output distribution; 0: softmax over 256 mu-law classes
    loudness : the last latent channel is the level in dB, applied to the audio after the network
    emphasis : the network works on x[t] - emphasis x[t - 1], which lifts the upper harmonics; the inverse filter is
        the last step of playing, so that what the network errs at the top is heard less (as in LPCNet, Valin 2019)
    feedback : past samples enter the network; without them it hears the excitation alone, and nothing can drift
    direct : the excitation at its levels is itself the middle of the mixture, and the network says how the sound
        differs from it (as from the linear prediction in LPCNet)
    """

    width: int = 512
    skip_width: int = 256
    layers: int = 30
    stages: int = 10
    taps: int = 3
    latent: int = 16
    hop: int = 512
    rate: int = 16000
    encoder: str = "dilated"
    encoder_width: int = 128
    encoder_layers: int = 30
    encoder_stages: int = 10
    pitch: bool = False
    harmonics: int = 0
    noise: int = 0
    gain_width: int = 0
    motion: bool = False
    mixture: int = 0
    loudness: bool = False
    emphasis: float = 0.0
    feedback: bool = True
    direct: bool = False

    stereo: ClassVar[bool] = False

    def __post_init__(self):
        for name, (low, high) in _LIMITS.items():
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
                raise ModelError(f"model config: {name} is {value!r}; it must be a whole number from {low} to {high}")
        if self.encoder not in _ENCODERS:
            raise ModelError(f"model config: encoder is {self.encoder!r}; known are {', '.join(_ENCODERS)}")
        if not isinstance(self.emphasis, int | float) or not 0 <= self.emphasis <= 0.95:
            raise ModelError(f"model config: emphasis is {self.emphasis!r}; it must be a number from 0 to 0.95")
        for name in ("pitch", "motion", "loudness", "feedback", "direct"):
            if not isinstance(getattr(self, name), bool):
                raise ModelError(f"model config: {name} is {getattr(self, name)!r}; it must be true or false")
        if (self.noise or self.motion) and not self.harmonics:
            raise ModelError("model config: noise and motion need harmonics; it has none")
        if not (self.feedback or self.harmonics):
            raise ModelError("model config: without feedback it needs harmonics; it has none")
        if self.direct and not (self.harmonics and self.mixture):
            raise ModelError("model config: direct needs harmonics and a mixture")
        if self.timbre < 1:
            raise ModelError(f"model config: latent is {self.latent}; loudness and motion leave no channel for timbre")

    @property
    def mixed(self):
        """See Playable. The next two: other models have such channels."""
        return self.latent

    @property
    def free(self):
        """slice, empty."""
        return slice(self.latent, self.latent)

    @property
    def detail(self):
        """slice, empty."""
        return slice(self.latent, self.latent)

    @property
    def dilations(self):
        """int64 (layers,): samples between the taps of each layer."""
        return np.array([2 ** (layer % self.stages) for layer in range(self.layers)], np.int64)

    @property
    def encoder_dilations(self):
        """Python ints, one a layer of the paper's encoder."""
        return [2 ** (layer % self.encoder_stages) for layer in range(self.encoder_layers)]

    @property
    def receptive_field(self):
        """Past samples that one output depends on (6141 for the paper's sizes)."""
        return (self.taps - 1) * (1 + int(self.dilations.sum())) + 1

    @property
    def inputs(self):
        """Channels of the fed-back signal: the sample and, with harmonics, its known flag; 0 without feedback."""
        return int(self.feedback) * (2 if self.harmonics else 1)

    @property
    def timbre(self):
        """Latent channels that the network sees, the first ones. Behind them: motion, then loudness."""
        return self.latent - MOTIONS * int(self.motion) - int(self.loudness)

    @property
    def rounding(self):
        """In how many 32nds each of the first latent channels is stored, where room matters."""
        return (1,) * self.timbre

    @property
    def moving(self):
        """slice: the latent channels of motion, empty without."""
        return slice(self.timbre, self.timbre + MOTIONS * int(self.motion))

    @property
    def spread(self):
        """Latent channel: by how many cents the harmonics stray from each other. This and the next two: with motion."""
        return self.timbre + SPREAD

    @property
    def deviation(self):
        """Latent channel: by how many cents the fundamental is off the key."""
        return self.timbre + DEVIATION

    @property
    def stretch(self):
        """Latent channel: by how much the partials are stretched, Fletcher's B in millionths."""
        return self.timbre + STRETCH

    @property
    def tick(self):
        """Samples between two steps of the gains, the conditioning and the spread; see `tick_samples`."""
        return tick_samples(self.rate)

    @property
    def harmonic_limit_hz(self):
        """Harmonics from here on, close to the Nyquist frequency, are not given to the network."""
        return HARMONIC_LIMIT * self.rate / 2

    @property
    def excitation(self):
        """Channels that enter beside the past samples: sines, cosines, and the sum of the noise."""
        return 2 * self.harmonics + int(self.noise > 0)

    @property
    def conditions(self):
        """Conditioning channels: timbre, one-hot pitch, octave."""
        return self.timbre + PITCH_CLASSES * int(self.pitch) + int(self.harmonics > 0)

    @property
    def outputs(self):
        """Output channels: 256 class logits, or weights, means and log scales of the mixture."""
        return 3 * self.mixture if self.mixture else CLASSES

    def to_dict(self):
        """Plain JSON types."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values):
        """Config from plain JSON types. Raises ModelError on unknown names or values out of range."""
        known = {field.name for field in fields(cls)}
        unknown = sorted(set(values) - known)
        if unknown:
            raise ModelError(f"model config: unknown entry {unknown[0]!r}; written by a newer version?")
        return cls(**values)


def told_pitch(config: Playable) -> bool:
    """Whether the network is told the pitch; else its latents hold it."""
    return config.pitch or config.harmonics > 0


def tick_samples(rate):
    """The power of two nearest to TICK_S, so that hops are whole ticks: 64 at 16 kHz, 128 at 32 kHz."""
    return 2 ** round(math.log2(TICK_S * rate))


def phase_offsets(harmonics):
    """float64 (harmonics,) in [0, 2 pi): a quadratic spread of phases keeps the crest factor low (Schroeder 1970)."""
    return 1.7 * np.arange(1, harmonics + 1, dtype=np.float64) ** 2 % (2 * np.pi)
