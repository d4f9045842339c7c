"""Render the notes of a General MIDI sound font into NSynth's JSON + WAV layout.

As NSynth's notes (Engel et al. 2017, section 3): 4 s, mono, the key held for 3 s; 16 kHz unless another rate is asked
for. Three folders: train; test, the same instruments at pitches and velocities that train has not; valid, others.
"""

import json
import logging
import multiprocessing
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.io import wavfile

from common.atomic import replacing
from common.errors import ModelError
from models.data.nsynth import FAMILIES, QUALITIES, RATE, SOURCES
from models.data.programs import HELD_OUT, PROGRAMS, Program

FONT = "/usr/share/sounds/sf2/FluidR3_GM.sf2"  # Debian's fluid-soundfont-gm
HELD_S, RELEASE_S = 3, 1
# Rendered and thrown away. A note then takes a multiple of the 48,000 samples after which fluidsynth's dither repeats,
# and is the same sample for sample whatever was played before it.
GAP_S = 2
FAINTEST = 3  # peak of a note, of 32768, below which it is silent

SPLITS = ("train", "valid", "test")
STEP = 3  # semitones between the notes of train
VELOCITIES = (45, 85, 125)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Part:
    """The notes of one program in one split: `keys` are (pitch, velocity)."""

    folder: Path
    program: Program
    keys: tuple[tuple[int, int], ...]


def render_notes(font, folder, programs=PROGRAMS, step=STEP, velocities=VELOCITIES, rate=RATE, progress=iter):
    """Render into `folder`/train, test and valid what is still missing there, on every core.

    font : path of an SF2 file; programs that it lacks are skipped, and named in the log
    rate : samples per second, one of nsynth.RATES
    progress : wraps the list of parts (one program in one split), to draw a bar
    returns : {split: number of notes}; silent ones are left out
    Raises ModelError where fluidsynth or the font is missing, or the folder holds notes of another rendering.
    """
    folder = Path(folder)
    programs = _find_present(font, programs)
    _claim(folder, font, programs, step, velocities, rate)
    splits = plan(programs, step, velocities, folder)
    _render_parts(font, rate, [part for parts in splits.values() for part in parts], progress)
    return {split: _write_examples(folder / split, parts, rate) for split, parts in splits.items()}


def plan(programs, step, velocities, folder=Path()):
    """{split: list of Parts}: what each split holds."""
    splits = {split: [] for split in SPLITS}
    for program in programs:
        pitches = range(program.low, program.high + 1, step)
        if program.number in HELD_OUT:
            middle = sorted(velocities)[len(velocities) // 2]
            splits["valid"].append(Part(folder / "valid", program, _keys(pitches, [middle])))
            continue
        trained = _keys(pitches, velocities)
        between = _keys(range(program.low + step // 2, program.high + 1, 2 * step), _between(velocities))
        splits["train"].append(Part(folder / "train", program, trained))
        splits["test"].append(Part(folder / "test", program, tuple(key for key in between if key not in trained)))
    return splits


def _keys(pitches, velocities):
    return tuple((pitch, velocity) for pitch in pitches for velocity in velocities)


def _between(velocities):
    """Half-way from each velocity to the next; the velocity itself where there is one only."""
    velocities = sorted(velocities)
    return [(soft + loud) // 2 for soft, loud in zip(velocities, velocities[1:], strict=False)] or velocities


def _claim(folder, font, programs, step, velocities, rate):
    """Write down what is rendered here, so that no second rendering mixes with it. Removes what a killed one left."""
    settings = {"font": Path(font).name, "font_bytes": Path(font).stat().st_size, "step": step}
    settings |= {"velocities": sorted(velocities), "programs": [program.number for program in programs]}
    if rate != RATE:  # older renderings do not say theirs
        settings["rate"] = rate
    text = json.dumps(settings)
    path = folder / "rendering.json"
    try:
        if path.exists() and path.read_bytes() != text.encode():
            raise ModelError(f"{folder}: holds notes of another rendering; choose another folder or remove it")
        for split in SPLITS:
            (folder / split / "audio").mkdir(parents=True, exist_ok=True)
            for leftover in (folder / split / "audio").glob(".*.wav"):
                leftover.unlink()
    except OSError as error:
        raise ModelError(f"{folder}: cannot be written ({error.strerror}); choose another folder") from error
    with replacing(path) as temporary:
        temporary.write_text(text)


def _render_parts(font, rate, parts, progress):
    """Every part that is not whole yet, on every core. An interruption lets running parts end and drops the others."""
    spawn = multiprocessing.get_context("spawn")  # forking a process with torch's threads may hang
    pool = ProcessPoolExecutor(os.cpu_count(), spawn, _start_worker, (font, rate))
    try:
        for rendered in progress([pool.submit(_render_part, part) for part in parts]):
            rendered.result()
    except BrokenProcessPool as error:
        raise ModelError("a worker was killed (out of memory?); the same command goes on from here") from error
    finally:
        pool.shutdown(cancel_futures=True)


def _start_worker(font, rate):
    """Give this process a synth of its own."""
    global _player
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interruption is the parent's to handle
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _player = FontPlayer(font, rate)


def _end_with_parent():
    """A killed parent cannot stop its workers; they would wait for work for ever."""
    multiprocessing.parent_process().join()
    os._exit(1)


def _render_part(part):
    """Write the WAVs that the part lacks."""
    for pitch, velocity in part.keys:
        path = _wav_path(part, pitch, velocity)
        if path.exists():
            continue
        audio = _player.play(part.program, pitch, velocity)
        if np.abs(audio).max() >= FAINTEST:
            with replacing(path) as temporary:
                wavfile.write(temporary, _player.rate, audio)


def _wav_path(part, pitch, velocity):
    return part.folder / "audio" / f"{part.program.instrument_str}-{pitch:03d}-{velocity:03d}.wav"


class FontPlayer:
    """fluidsynth with one font, its reverb and chorus off.

    Raises ModelError where fluidsynth or the font is missing or cannot be read.
    """

    def __init__(self, font, rate=RATE):
        _check_font(font)
        self.rate = rate
        try:
            import fluidsynth
        except ImportError as error:
            mend = "pip install pyfluidsynth, and on Debian: apt install libfluidsynth3"
            raise ModelError(f"fluidsynth cannot be loaded ({error}); {mend}") from error
        settings = {"synth.reverb.active": 0, "synth.chorus.active": 0, "synth.dynamic-sample-loading": 1}
        self.synth = fluidsynth.Synth(samplerate=float(rate), gain=1.0, **settings)
        self.font = self.synth.sfload(str(font))
        if self.font < 0:
            raise ModelError(f"sound font {font}: fluidsynth cannot read it; is it a whole SF2 file?")
        self.program = None

    def has(self, program):
        """Whether the font has a sound for the program."""
        return self.synth.sfpreset_name(self.font, 0, program.number) is not None

    def play(self, program, pitch, velocity):
        """int16 (4 * rate,): one note, mixed to mono."""
        if program != self.program:
            self.program = program
            self.synth.program_select(0, self.font, 0, program.number)
            self._play(pitch, velocity)  # a voice's very first note differs from all later ones
        return np.rint(self._play(pitch, velocity).reshape(-1, 2).mean(axis=1)).astype(np.int16)

    def _play(self, pitch, velocity):
        self.synth.noteon(0, pitch, velocity)
        held = self.synth.get_samples(HELD_S * self.rate)
        self.synth.noteoff(0, pitch)
        released = self.synth.get_samples(RELEASE_S * self.rate)
        self.synth.all_sounds_off(0)
        self.synth.get_samples(GAP_S * self.rate)
        return np.concatenate([held, released])


def _check_font(font):
    """Name a font that is none before fluidsynth complains in several lines of its own."""
    try:
        with Path(font).open("rb") as file:
            header = file.read(12)
    except OSError as error:
        advice = "; on Debian: apt install fluid-soundfont-gm"
        raise ModelError(f"sound font {font}: cannot be read ({error.strerror}){advice}") from error
    if header[:4] != b"RIFF" or header[8:] != b"sfbk":
        raise ModelError(f"sound font {font}: not an SF2 file; choose another")
    if int.from_bytes(header[4:8], "little") + 8 > Path(font).stat().st_size:
        raise ModelError(f"sound font {font}: cut short; fetch it again")


def _find_present(font, programs):
    player = FontPlayer(font)
    present = [program for program in programs if player.has(program)]
    for program in programs:
        if program not in present:
            log.warning("%s: no program %d (%s), skipped", Path(font).name, program.number, program.name)
    player.synth.delete()
    return present


def _write_examples(folder, parts, rate):
    """examples.json of one split; its being there says that the split is whole. Returns the number of notes."""
    keys = [(part.program, *key) for part in parts for key in part.keys if _wav_path(part, *key).exists()]
    examples = [_annotate(*key, index, rate) for index, key in enumerate(keys)]
    with replacing(folder / "examples.json") as temporary:
        temporary.write_text(json.dumps({example["note_str"]: example for example in examples}, indent=1))
    return len(examples)


def _annotate(program, pitch, velocity, index, rate):
    """NSynth's entry of one note in examples.json."""
    return {
        "note": index,
        "note_str": f"{program.instrument_str}-{pitch:03d}-{velocity:03d}",
        "instrument": program.number,
        "instrument_str": program.instrument_str,
        "pitch": pitch,
        "velocity": velocity,
        "sample_rate": rate,
        "qualities": [0] * QUALITIES,
        "qualities_str": [],
        "instrument_family": FAMILIES.index(program.family),
        "instrument_family_str": program.family,
        "instrument_source": SOURCES.index(program.source),
        "instrument_source_str": program.source,
    }
