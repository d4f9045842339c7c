"""Make the factory presets from the training notes: python -m synthapp.factory [--help].

Every corner is one instrument of the sound font, its embeddings fitted to notes seven semitones apart, soft and loud.
The decoder then plays each note, and two channels are corrected by what it lacks. The spread, until as much of the
sound as in the recording lies in steady lines; the loudness, since played by its mean the network is softer where the
recording is noisy or has just begun.
"""

import argparse
import multiprocessing
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from engine.decoder.cpu import CpuDecoder
from errors import SynthError
from models import checkpoints
from models.data.notes import Notes, read_notes
from models.data.programs import find_program
from models.data.soundfont import HELD_SAMPLES, VELOCITIES
from models.encoding import encode_note
from models.harmonics import SPREAD_LIMIT_CENTS, line_share
from models.partials import Partials
from models.pitch import find_pitch
from models.pretrained import DEFAULT
from models.recording import gain_to_level
from presets.file import write_preset
from presets.latents import rounded
from presets.library import FACTORY
from presets.looping import looped
from presets.preset import EmbeddingSet, Preset
from synthapp.autoencode import decode_clips

PITCH_STEP = 7  # semitones between the pitches at which an instrument is stored
STORED_VELOCITIES = (VELOCITIES[0], VELOCITIES[-1])
SPREADS = (0.4, 1.0, 2.0, 4.0)  # times the tracked one, of which each note is played
RELUCTANCE = 0.05  # to change it: of the share in steady lines, for each factor of e
STEADY_S = (0.4, 2.9)  # of a note: past most attacks, before its release
CORRECTION_DB = 12.0  # greatest
FAINT_DB = -50.0  # frames further below the loudest are left as they are
PARAMETERS = {"release_ms": 2000.0}  # longer than the recorded releases, so that they are heard


@dataclass(frozen=True)
class Recipe:
    """One factory preset: its corners by the names in PROGRAMS (bottom left, bottom right, top left, top right)."""

    name: str
    tags: tuple[str, ...]
    corners: tuple[str, str, str, str]
    pad: tuple[float, float] = (0.5, 0.5)


RECIPES = (
    Recipe("First Light", ("keys", "morph"), ("grand piano", "cello", "flute", "choir aahs"), (0.2, 0.25)),
    Recipe("Chamber Strings", ("strings", "warm"), ("cello", "violin", "string ensemble", "harp"), (0.35, 0.6)),
    Recipe(
        "Slow Weather",
        ("strings", "pad", "slow"),
        ("slow strings", "synth strings", "tremolo strings", "halo pad"),
        (0.4, 0.4),
    ),
    Recipe("Brass Rise", ("brass", "bold"), ("trombone", "trumpet", "french horn", "brass section"), (0.3, 0.3)),
    Recipe("Low Brass", ("brass", "dark"), ("tuba", "trombone", "french horn", "contrabass"), (0.25, 0.2)),
    Recipe("Woodwind Square", ("winds", "soft"), ("clarinet", "oboe", "flute", "pan flute"), (0.2, 0.7)),
    Recipe("Double Reeds", ("reeds", "winds"), ("oboe", "english horn", "bassoon", "clarinet"), (0.3, 0.3)),
    Recipe(
        "Saxophones",
        ("reeds", "lead"),
        ("soprano saxophone", "alto saxophone", "tenor saxophone", "clarinet"),
        (0.5, 0.3),
    ),
    Recipe("High Wind", ("flutes", "air"), ("piccolo", "flute", "pan flute", "shakuhachi"), (0.4, 0.6)),
    Recipe("Felt and Metal", ("keys",), ("grand piano", "electric piano", "marimba", "vibraphone"), (0.8, 0.2)),
    Recipe(
        "Stage Keys", ("keys", "electric"), ("electric piano", "clavinet", "electric grand", "grand piano"), (0.1, 0.2)
    ),
    Recipe("Small Bells", ("mallets", "bright"), ("celesta", "music box", "vibraphone", "kalimba"), (0.3, 0.5)),
    Recipe("Struck Wood", ("mallets", "dry"), ("marimba", "dulcimer", "kalimba", "steel drums"), (0.2, 0.2)),
    Recipe(
        "Cathedral",
        ("organ", "choir", "slow"),
        ("church organ", "choir aahs", "french horn", "string ensemble"),
        (0.3, 0.4),
    ),
    Recipe("Bellows", ("organ", "reeds"), ("accordion", "bandoneon", "reed organ", "harmonica"), (0.2, 0.2)),
    Recipe("Plucked", ("plucked", "bright"), ("nylon guitar", "clean guitar", "harp", "harpsichord"), (0.1, 0.2)),
    Recipe(
        "Six Strings", ("guitar",), ("jazz guitar", "clean guitar", "overdriven guitar", "nylon guitar"), (0.2, 0.2)
    ),
    Recipe("Silk Road", ("plucked", "world"), ("koto", "sitar", "shamisen", "banjo"), (0.2, 0.3)),
    Recipe("Deep Wood", ("bass", "dark"), ("acoustic bass", "cello", "marimba", "bassoon"), (0.15, 0.1)),
    Recipe(
        "Electric Low", ("bass", "electric"), ("fingered bass", "fretless bass", "slap bass", "synth bass"), (0.2, 0.5)
    ),
    Recipe("Rubber Floor", ("bass", "synth"), ("synth bass", "fretless bass", "square lead", "saw lead"), (0.3, 0.3)),
    Recipe("Neon", ("lead", "electric"), ("square lead", "saw lead", "electric piano", "polysynth"), (0.7, 0.2)),
    Recipe("Voices", ("choir", "pad"), ("choir aahs", "synth voice", "solo voice", "halo pad"), (0.3, 0.3)),
    Recipe("Glass Garden", ("pad", "synth"), ("fantasia", "bowed glass", "crystal", "celesta"), (0.4, 0.4)),
    Recipe("Silver and Air", ("soft", "morph"), ("harp", "vibraphone", "flute", "choir aahs"), (0.6, 0.6)),
    Recipe("Piper's Road", ("reeds", "world"), ("bagpipe", "english horn", "harmonica", "violin"), (0.2, 0.3)),
)


def main():
    """Parse the command line, encode, write."""
    parser = argparse.ArgumentParser(prog="python -m synthapp.factory", description=__doc__)
    parser.add_argument("--notes", type=Path, default=Path("data/notes/train"), help="notes that were trained on")
    parser.add_argument("--weights", default=DEFAULT, help="weights that the presets are made for")
    arguments = parser.parse_args()
    try:
        write_factory(read_notes(arguments.notes), arguments.weights)
    except SynthError as error:
        sys.exit(f"factory: {error}")


def write_factory(notes, weights, folder=FACTORY):
    """Encode every instrument once, on all cores, and write all presets of RECIPES."""
    used = sorted({name for recipe in RECIPES for name in recipe.corners})
    with multiprocessing.Pool(initializer=_prepare, initargs=(notes, weights)) as pool:
        sounds = dict(zip(used, tqdm(pool.imap(_encode, used), "encoding", len(used), disable=None), strict=True))
    fingerprint = checkpoints.fingerprint(checkpoints.read(weights)[1])
    folder.mkdir(parents=True, exist_ok=True)
    for recipe in RECIPES:
        corners = tuple(sounds[name] for name in recipe.corners)
        preset = Preset(recipe.name, corners, recipe.tags, "Manifold", fingerprint, recipe.pad, PARAMETERS)
        write_preset(preset, folder / f"{recipe.name}.manifold")


def _prepare(notes, weights):
    """What a worker needs for every instrument."""
    global _worker
    decoder = CpuDecoder(*checkpoints.read(weights), voices=len(STORED_VELOCITIES) * (127 // PITCH_STEP + 1))
    _worker = (checkpoints.load(weights), decoder, notes)


def _encode(name):
    return encode_instrument(*_worker, name)


def encode_instrument(model, decoder, notes: Notes, name: str) -> EmbeddingSet:
    """The sound of one instrument of PROGRAMS: notes of pitches over its range x STORED_VELOCITIES, encoded."""
    program, config = find_program(name), model.config
    instrument = notes.names.index(program.instrument_str)
    known = np.unique(notes.pitch[notes.instrument == instrument])
    count = round((known[-1] - known[0]) / PITCH_STEP) + 1
    pitches = known[np.round(np.linspace(0, len(known) - 1, count)).astype(int)].tolist()
    found = [_find(notes, instrument, pitch, velocity) for velocity in STORED_VELOCITIES for pitch in pitches]
    recordings = [notes.sound(note) for note in found]
    sounds = np.array([sound * gain_to_level(sound, config.hop) for sound in recordings])
    f0_hz = notes.f0_hz[found]
    latents = np.stack([encode_note(model, *note) for note in zip(sounds, f0_hz, strict=True)])
    if config.motion:
        spread = latents[..., config.timbre]
        spread[:] = _widened(spread, matching_spread(decoder, latents, sounds, f0_hz)[:, None])
    latents[..., -1] += _missing_db(decoder, latents, sounds, f0_hz)
    latents = latents.reshape(len(STORED_VELOCITIES), count, *latents.shape[1:]).swapaxes(0, 1)
    held = HELD_SAMPLES // config.hop
    sound = looped(name, latents, pitches, STORED_VELOCITIES, held, config.rate / config.hop, config.loudness)
    return replace(sound, latents=rounded(sound.latents, config.timbre))


def matching_spread(decoder, latents, sounds, f0_hz):
    """float (notes,): times which spread the decoder plays as much in steady lines as the recordings have there.

    Within SPREADS, and near 1 where it makes no difference.
    latents : (notes, frames, latent); sounds : (notes, samples), each in tune near f0_hz (notes,)
    """
    rate, (spread, _, stretch) = decoder.config.rate, decoder.config.timbre + np.arange(3)
    steady = slice(*(round(second * rate) for second in STEADY_S))

    def shares(audio, own_hz):
        partials = [Partials(hz, note[0, stretch]) for hz, note in zip(own_hz, latents, strict=True)]
        return np.array([line_share(note[steady], lines, rate) for note, lines in zip(audio, partials, strict=True)])

    played = []
    for times in SPREADS:
        moved = latents[:, : -(-steady.stop // decoder.config.hop)].copy()
        moved[..., spread] = _widened(moved[..., spread], times)
        played.append(shares(decode_clips(decoder, moved, f0_hz, temperature=0.0, seed=0), f0_hz))
    own_hz = [find_pitch(note[steady], rate, hz).f0_hz for note, hz in zip(sounds, f0_hz, strict=True)]
    tried = np.linspace(*np.log([SPREADS[0], SPREADS[-1]]), 101)
    between = np.array([np.interp(tried, np.log(SPREADS), note) for note in np.transpose(played)])
    wrong = (between - shares(sounds, own_hz)[:, None]) ** 2 + (RELUCTANCE * tried) ** 2
    return np.exp(tried[np.argmin(wrong, 1)])


def _widened(spread_cents, times):
    """So many times the spread, where it is not as wide as is allowed."""
    return np.minimum(spread_cents * times, np.maximum(spread_cents, SPREAD_LIMIT_CENTS))


def _missing_db(decoder, latents, sounds, f0_hz):
    """What the played level lacks in every frame. latents (notes, frames, latent), sounds (notes, samples)."""
    hop, frames = decoder.config.hop, latents.shape[1]
    played = _levels_db(decode_clips(decoder, latents, f0_hz, temperature=0.0, seed=0), hop, frames)
    recorded = _levels_db(sounds, hop, frames)
    heard = recorded > recorded.max(1, keepdims=True) + FAINT_DB
    return np.where(heard, np.clip(recorded - played, -CORRECTION_DB, CORRECTION_DB), 0.0).astype(np.float32)


def _levels_db(audio, hop, frames):
    """rms under a Hann window of two hops around the centre of each frame. (notes, samples) -> (notes, frames)."""
    padded = np.pad(audio, ((0, 0), (hop // 2, hop + hop // 2)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * hop, axis=1)[:, ::hop][:, :frames]
    return 10 * np.log10((windows**2 * np.hanning(2 * hop)).mean(2) + 1e-12)


def _find(notes, instrument, pitch, velocity):
    found = (notes.instrument == instrument) & (notes.pitch == pitch) & (notes.velocity == velocity)
    if not found.any():
        raise SynthError(f"the notes have no {notes.names[instrument]} at pitch {pitch}, velocity {velocity}")
    return int(np.flatnonzero(found)[0])


if __name__ == "__main__":
    main()
