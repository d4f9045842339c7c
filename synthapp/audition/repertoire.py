"""What the audition plays: (Note, Take) of everything, one function a question."""

from dataclasses import replace
from itertools import combinations

import numpy as np

from engine.offline.takes import Take
from engine.parameters import Param
from engine.voice.sound import Sound
from models.config import WaveNetConfig
from models.data.programs import PROGRAMS
from models.evaluation.played import Note
from presets.pad import POINTS
from presets.preset import EmbeddingSet, Preset

VELOCITIES = (45, 85, 125)  # where there is no recording
MEDIUM = 85
UNKNOWN_RANGE = (36, 84)  # of a sound that no program is named after
QUIETEST_TO_LOUDEST = (1, 15, 29, 43, 57, 71, 85, 99, 113, 127)
STEADY_S = 1.5  # long enough for a pitch


def corner_sounds(presets):
    """name -> (preset, corner) of every sound, in the first preset that has it."""
    found = {}
    for preset in presets:
        for corner, embedding in enumerate(preset.corners):
            found.setdefault(embedding.name, (preset, corner))
    return found


class Repertoire:
    """What is played with some presets.

    presets : of the factory; config : of the decoder
    recorded : (instrument_str, key) -> the velocities at which there is a recording
    step : semitones between the keys of the factory's sounds
    """

    def __init__(self, presets: list[Preset], config: WaveNetConfig, recorded=None, step: int = 3):
        self._presets, self._config, self._step = presets, config, step
        self._recorded = recorded or {}
        self._sounds = corner_sounds(presets)
        self._packed: dict[str, Sound] = {}  # by the preset's name: all its notes share the latents

    @property
    def instruments(self):
        """instrument_str of every sound that has one."""
        programs = map(program_of, self._sounds)
        return {program.instrument_str for program in programs if program}

    def factory(self):
        """Every sound over its range; the velocities take turns."""
        for name, (preset, corner) in sorted(self._sounds.items()):
            sound = replace(self._whole(preset), pad=POINTS[corner])
            for turn, key in enumerate(self._keys(name)):
                velocities = self._velocities(name, key)
                velocity = velocities[turn % len(velocities)]
                note = self._note("factory", name, key, velocity, preset=preset.name, pad=POINTS[corner])
                yield note, Take(sound, key, velocity)

    def velocity(self, sounds):
        """Some sounds from the softest stroke to the hardest."""
        for name in self._some(sounds):
            key, sound = self._middle(name), self._alone(name)
            for velocity in QUIETEST_TO_LOUDEST:
                note = self._note("velocity", name, key, velocity, STEADY_S, velocity_curve=_curve(sound))
                yield note, Take(sound, key, velocity, STEADY_S, 0.0)

    def morph(self, sounds):
        """All pairs of some sounds, half-way and at both ends, at three keys that both have.

        Knobs stand as in the preset of one of them, for all alike: presets differ by up to 10 dB in their trim.
        """
        names = self._some(sounds)
        for name in names:
            sound = self._pad(names[0], (self._embedding(name),) * 4)
            for key in self._shared(names):
                yield self._note("ends", name, key, MEDIUM), Take(sound, key, MEDIUM)
        for name, other in combinations(names, 2):
            sound = self._pad(names[0], (self._embedding(name), self._embedding(other)) * 2, (0.5, 0.0))
            for key in self._shared(names):
                yield Note("morph", name, key, MEDIUM, other=other, pad=(0.5, 0.0)), Take(sound, key, MEDIUM)

    def hold(self, minutes, sounds):
        """Sounds that do not fade by themselves, held for long, from soft to hard."""
        lasting = [name for name in sorted(self._sounds) if self._embedding(name).decay_db_per_s == 0.0]
        names = spread(lasting or sorted(self._sounds), sounds)
        velocities = np.linspace(1, 127, len(names)).round().astype(int).tolist()
        for name, velocity in zip(names, velocities, strict=True):
            key = self._middle(name)
            note = self._note("hold", name, key, velocity, held_s=60.0 * minutes)
            yield note, Take(self._alone(name), key, velocity, 60.0 * minutes, 0.0)

    def pad(self, points, seed=0):
        """Short notes of any key and velocity at any point of any preset's pad."""
        chance = np.random.default_rng(seed)
        for _ in range(points):
            preset = self._presets[chance.integers(len(self._presets))]
            low, high = self._range(*(embedding.name for embedding in preset.corners))
            key, velocity = int(chance.integers(low, high + 1)), int(chance.integers(1, 128))
            x, y = (round(float(place), 2) for place in chance.random(2))
            sound = replace(self._whole(preset), pad=(x, y))
            where = {"preset": preset.name, "pad": (x, y), "velocity_curve": _curve(sound)}
            note = Note("pad", preset.name, key, velocity, STEADY_S, **where)
            yield note, Take(sound, key, velocity, STEADY_S, 0.0)

    def bends(self, sounds):
        """A quarter-tone scale over an octave, and bends up to the range while the note sounds."""
        for name in self._some(sounds):
            sound, key = self._alone(name), self._middle(name)
            for quarter in range(25):
                semitones = 0.5 * (quarter % 2)
                yield self._bent(sound, name, key + quarter // 2, semitones, "scale", 0.0)
            for semitones in (-2.0, -1.37, -0.5, 0.25, 1.0, 1.99):
                yield self._bent(sound, name, key, semitones, "bend", 0.1)

    def octaves(self, sounds):
        """One embedding, of a single pitch, over three octaves around the middle of the sound's range."""
        for name in self._some(sounds):
            embedding, middle = self._embedding(name), self._middle(name)
            row = min(range(len(embedding.pitches)), key=lambda row: abs(embedding.pitches[row] - middle))
            one = replace(embedding, latents=embedding.latents[row : row + 1].copy(), pitches=(middle,))
            sound = self._pad(name, (one,) * 4)
            for key in range(middle - 18, middle + 19, 6):
                yield self._note("octaves", name, key, MEDIUM), Take(sound, key, MEDIUM)

    def _bent(self, sound, name, key, semitones, question, at_s):
        note = Note(question, name, key, MEDIUM, STEADY_S + at_s, bend_semitones=semitones)
        return note, Take(sound, key, MEDIUM, STEADY_S + at_s, 0.0, ((at_s, semitones),))

    def _note(self, question, name, key, velocity, held_s=3.0, **fields):
        program = program_of(name)
        if not program:
            return Note(question, name, key, velocity, held_s, **fields)
        recording = f"{program.instrument_str}-{key:03d}-{velocity:03d}"
        return Note(question, name, key, velocity, held_s, program.instrument_str, recording, **fields)

    def _velocities(self, name, key):
        """Those at which there is a recording of this sound and key; where there is none, VELOCITIES."""
        program = program_of(name)
        return self._recorded.get((program.instrument_str, key) if program else None) or VELOCITIES

    def _embedding(self, name) -> EmbeddingSet:
        preset, corner = self._sounds[name]
        return preset.corners[corner]

    def _alone(self, name):
        return self._pad(name, (self._embedding(name),) * 4)

    def _whole(self, preset):
        if preset.name not in self._packed:
            self._packed[preset.name] = Sound.from_preset(preset, self._config)
        return self._packed[preset.name]

    def _pad(self, name, corners, place=(0.0, 0.0)):
        """These corners, with everything else (the release) as in the preset of a sound."""
        preset, _ = self._sounds[name]
        return Sound.from_preset(replace(preset, corners=corners, pad=place), self._config)

    def _some(self, count):
        """So many sounds, of as many families as can be."""
        families: dict[str, list[str]] = {}
        for name in sorted(self._sounds):
            program = program_of(name)
            families.setdefault(program.family if program else "", []).append(name)
        turns = (names[turn] for turn in range(len(self._sounds)) for names in families.values() if turn < len(names))
        return sorted(name for name, _ in zip(turns, range(count), strict=False))

    def _keys(self, name):
        low, high = self._range(name)
        return range(low, high + 1, self._step)

    def _middle(self, *names):
        return sum(self._range(*names)) // 2

    def _shared(self, names):
        middle = self._middle(*names)
        return middle - 7, middle, middle + 7

    def _range(self, *names):
        """(lowest, highest) key that all these sounds have; where there is none, the keys between them."""
        programs = [program_of(name) for name in names]
        ranges = [(program.low, program.high) if program else UNKNOWN_RANGE for program in programs]
        return tuple(sorted((max(low for low, _ in ranges), min(high for _, high in ranges))))


def program_of(name):
    """The General MIDI program of that name, or None."""
    return next((program for program in PROGRAMS if program.name == name), None)


def _curve(sound):
    return float(sound.parameters[Param.VELOCITY_CURVE])


def spread(names, count):
    """`count` of them, evenly spread."""
    places = np.linspace(0, len(names) - 1, min(count, len(names))).round().astype(int)
    return [names[place] for place in places]
