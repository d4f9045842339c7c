"""The shape of a harmonic model: one frozen table that torch, the engine and the checkpoints all read."""

from dataclasses import asdict, dataclass, fields
from typing import ClassVar

from common.errors import ModelError
from models.config import DEVIATION, HARMONIC_LIMIT, MOTIONS, SPREAD, STRETCH, tick_samples

LEVEL, RATIO = range(2)  # of a free partial: half its ln level, its frequency as a multiple of the fundamental's
PARTIAL = 2  # how many these channels are
ABSENT = -4.0  # LEVEL of one that is not there
LEAST_POWER = 0.63  # of what the levels of one sound add up to, where a note has 1
GREATEST_LIFT = 10.0  # of the power of what has less
PLACES = 4  # sounds of a voice that have a place of their own in a row for the decoder

# What a file may claim before anything is allocated.
_LIMITS = {
    "rate": (8000, 96000), "hop": (64, 8192), "timbre": (1, 256), "harmonics": (1, 256), "bands": (4, 128),
    "partials": (0, 32), "gain_width": (1, 1024), "encoder_width": (1, 2048), "encoder_rate": (8000, 96000),
}  # fmt: skip


@dataclass(frozen=True)
class HarmonicConfig:
    """Sizes of a harmonic model, and what the engine asks of a network's config.

    The latents of a frame, in this order:

        timbre       the embedding, of which the network makes the levels
        detail       what is added to these, natural logarithms: of every harmonic, then of every band of noise
        free         LEVEL of each free partial, then RATIO of each; a level of 0 is the note's own
        motion       as of a WaveNet, see WaveNetConfig
        loudness     dB

    rate : samples per second; hop : samples per frame
    timbre : channels of the embedding; harmonics, bands : levels that the network gives
    partials : free ones of a sound; gain_width : hidden channels of the network
    encoder_width : of the encoder; encoder_rate, emphasis : of the sound that it hears
    """

    rate: int = 32000
    hop: int = 512
    timbre: int = 48
    harmonics: int = 128
    bands: int = 76
    partials: int = 16
    gain_width: int = 192
    encoder_width: int = 256
    encoder_rate: int = 16000
    emphasis: float = 0.8

    loudness: ClassVar[bool] = True
    motion: ClassVar[bool] = True
    stereo: ClassVar[bool] = True
    pitch: ClassVar[bool] = False
    encoder: ClassVar[str] = "spectrum"

    def __post_init__(self):
        for name, (low, high) in _LIMITS.items():
            value = getattr(self, name)
            if type(value) is not int or not low <= value <= high:
                raise ModelError(f"harmonic model: {name} is {value!r}; it must be a whole number from {low} to {high}")
        if type(self.emphasis) not in (int, float) or not 0 <= self.emphasis <= 0.95:
            raise ModelError(f"harmonic model: emphasis is {self.emphasis!r}; it must be a number from 0 to 0.95")
        if self.hop % self.tick or self.hop * self.encoder_rate % self.rate:
            raise ModelError(f"harmonic model: a hop of {self.hop} samples is not whole ticks of sound and encoder")

    @property
    def levels(self) -> int:
        """That the network gives: of harmonics, then of bands."""
        return self.harmonics + self.bands

    @property
    def detail(self) -> slice:
        """Latent channels."""
        return slice(self.timbre, self.timbre + self.levels)

    @property
    def rounding(self) -> tuple[int, ...]:
        """In how many 32nds each of the first channels is stored where room matters: 1 dB of a harmonic, 2 of noise."""
        return (4,) * (self.timbre + self.harmonics) + (8,) * self.bands + (6,) * self.partials

    @property
    def free(self) -> slice:
        """Latent channels of the free partials."""
        return slice(self.detail.stop, self.detail.stop + PARTIAL * self.partials)

    @property
    def moving(self) -> slice:
        """Latent channels of motion."""
        return slice(self.free.stop, self.free.stop + MOTIONS)

    @property
    def spread(self) -> int:
        """Latent channel: by how many cents the harmonics stray from each other."""
        return self.free.stop + SPREAD

    @property
    def deviation(self) -> int:
        """Latent channel: by how many cents the fundamental is off the key."""
        return self.free.stop + DEVIATION

    @property
    def stretch(self) -> int:
        """Latent channel: Fletcher's B in millionths."""
        return self.free.stop + STRETCH

    @property
    def latent(self) -> int:
        """Channels of a stored frame."""
        return self.moving.stop + 1

    @property
    def asked(self) -> int:
        """First channel, in a row for the decoder, of what the network is asked: of each place the share that a sound
        has in the voice, and its embedding."""
        return self.latent + (PLACES - 1) * PARTIAL * self.partials

    @property
    def mixed(self) -> int:
        """Channels of a row for the decoder: those of a frame, where all sounds of the voice are mixed, the free
        partials of PLACES - 1 sounds more, and what the network is asked."""
        return self.asked + PLACES * (1 + self.timbre)

    @property
    def conditions(self) -> int:
        """What the network hears: timbre and octave."""
        return self.timbre + 1

    @property
    def tick(self) -> int:
        """Samples between two steps of the levels."""
        return tick_samples(self.rate)

    @property
    def harmonic_limit_hz(self) -> float:
        """What would lie above it does not sound."""
        return HARMONIC_LIMIT * self.rate / 2

    def to_dict(self):
        """Plain JSON types."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values):
        """Config from plain JSON types. Raises ModelError on entries that are unknown, missing or out of range."""
        wrong = sorted(set(values) ^ {field.name for field in fields(cls)})
        if wrong:
            raise ModelError(f"harmonic model: entry {wrong[0]!r} is unknown or missing; written by a newer version?")
        return cls(**values)
