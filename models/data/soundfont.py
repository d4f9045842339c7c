"""Render the notes of a General MIDI sound font into NSynth's JSON + WAV layout.

As NSynth's notes (Engel et al. 2017, section 3): 4 s, 16 kHz mono, the key held for 3 s.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from errors import ModelError

RATE = 16000
HELD_SAMPLES = 3 * RATE
RELEASE_SAMPLES = 1 * RATE
GAP_SAMPLES = 2 * RATE  # rendered and thrown away, so that no tail reaches the next note

FAMILIES = (
    "bass", "brass", "flute", "guitar", "keyboard", "mallet", "organ", "reed", "string", "synth_lead", "vocal",
)  # fmt: skip
SOURCES = ("acoustic", "electronic", "synthetic")


@dataclass(frozen=True)
class Program:
    """One General MIDI program, named as NSynth names instruments.

    number : program change, 0-127
    name : telling short name
    family, source : one of FAMILIES, SOURCES
    """

    number: int
    name: str
    family: str
    source: str = "acoustic"


# The first instrument learns these: one clear voice of every family, no drum kits or effects.
PROGRAMS = (
    Program(0, "grand piano", "keyboard"),
    Program(4, "electric piano", "keyboard", "electronic"),
    Program(6, "harpsichord", "keyboard"),
    Program(11, "vibraphone", "mallet"),
    Program(12, "marimba", "mallet"),
    Program(16, "drawbar organ", "organ", "electronic"),
    Program(19, "church organ", "organ"),
    Program(21, "accordion", "organ"),
    Program(24, "nylon guitar", "guitar"),
    Program(27, "clean guitar", "guitar", "electronic"),
    Program(32, "acoustic bass", "bass"),
    Program(40, "violin", "string"),
    Program(42, "cello", "string"),
    Program(46, "harp", "string"),
    Program(48, "string ensemble", "string"),
    Program(52, "choir aahs", "vocal"),
    Program(56, "trumpet", "brass"),
    Program(57, "trombone", "brass"),
    Program(60, "french horn", "brass"),
    Program(65, "alto saxophone", "reed"),
    Program(68, "oboe", "reed"),
    Program(71, "clarinet", "reed"),
    Program(73, "flute", "flute"),
    Program(75, "pan flute", "flute"),
    Program(81, "saw lead", "synth_lead", "synthetic"),
)
PITCHES = tuple(range(30, 97, 3))
VELOCITIES = (50, 85, 120)


def render_notes(font, folder, programs=PROGRAMS, pitches=PITCHES, velocities=VELOCITIES, progress=iter):
    """Render every program x pitch x velocity and write `folder`/examples.json and `folder`/audio/*.wav.

    font : path of an SF2 file
    progress : wraps the list of programs, to draw a bar
    returns : number of notes written; silent ones are left out
    Raises ModelError where fluidsynth or the font is missing.
    """
    synth, font_id = _open(font)
    audio_folder = Path(folder) / "audio"
    audio_folder.mkdir(parents=True, exist_ok=True)
    examples = {}
    for program in progress(programs):
        synth.program_select(0, font_id, 0, program.number)
        for pitch in pitches:
            for velocity in velocities:
                audio = _render_note(synth, pitch, velocity)
                if np.abs(audio).max() < 1e-4:
                    continue
                example = _annotate(program, pitch, velocity, len(examples))
                soundfile.write(audio_folder / f"{example['note_str']}.wav", audio, RATE, subtype="PCM_16")
                examples[example["note_str"]] = example
    synth.delete()
    (Path(folder) / "examples.json").write_text(json.dumps(examples, indent=1))
    return len(examples)


def _open(font):
    """fluidsynth with its reverb and chorus off, and the id of the loaded font."""
    if not Path(font).is_file():
        raise ModelError(f"sound font {font}: no such file; on Debian: apt install fluid-soundfont-gm")
    try:
        import fluidsynth
    except ImportError as error:
        raise ModelError(f"fluidsynth cannot be loaded ({error}); on Debian: apt install libfluidsynth3") from error
    synth = fluidsynth.Synth(samplerate=float(RATE), gain=1.0)
    synth.setting("synth.reverb.active", 0)
    synth.setting("synth.chorus.active", 0)
    font_id = synth.sfload(str(font))
    if font_id < 0:
        raise ModelError(f"sound font {font}: fluidsynth cannot read it; is it an SF2 file?")
    return synth, font_id


def _render_note(synth, pitch, velocity):
    """float32 (64000,): one note, mixed to mono. Full scale of the int16 synth is 1."""
    synth.noteon(0, pitch, velocity)
    held = synth.get_samples(HELD_SAMPLES)
    synth.noteoff(0, pitch)
    released = synth.get_samples(RELEASE_SAMPLES)
    synth.all_sounds_off(0)
    synth.get_samples(GAP_SAMPLES)
    stereo = np.concatenate([held, released]).reshape(-1, 2)
    return stereo.mean(axis=1).astype(np.float32) / 32768.0


def _annotate(program, pitch, velocity, index):
    """NSynth's entry of one note in examples.json."""
    instrument_str = f"{program.family}_{program.source}_{program.number:03d}"
    return {
        "note": index,
        "note_str": f"{instrument_str}-{pitch:03d}-{velocity:03d}",
        "instrument": program.number,
        "instrument_str": instrument_str,
        "pitch": pitch,
        "velocity": velocity,
        "sample_rate": RATE,
        "qualities": [0] * 10,
        "qualities_str": [],
        "instrument_family": FAMILIES.index(program.family),
        "instrument_family_str": program.family,
        "instrument_source": SOURCES.index(program.source),
        "instrument_source_str": program.source,
    }
