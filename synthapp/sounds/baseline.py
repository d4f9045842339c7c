"""What can be done with a baseline's network: a note again, notes between two, and a pad that plays them.

Source: Engel et al. 2017, sections 2.2 and 4.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from common.errors import ModelError, PresetError
from common.pitch import hz_key
from engine.decoder.baseline.growing import CROSSFADE, LOOP
from engine.decoder.frozen.forming import Plan, grid_weights
from engine.offline.freeze.plan import VELOCITY, frozen_preset
from models import checkpoints
from models.analysis.recording import prepare
from models.baseline.pad import CORNERS, HELD_SAMPLES, SAMPLES, BaselinePadConfig, pad_config
from models.baseline.spectrogram import RATE, picture, sound
from models.checkpoints import Checkpoint
from models.checkpoints.building import build
from models.checkpoints.kinds import BASELINE
from models.checkpoints.known import KnownWeights
from models.checkpoints.source import Source
from presets.file import write_preset
from presets.library import file_name
from presets.preset import EmbeddingSet, Preset
from synthapp.sounds.audiofile import read_audio
from synthapp.sounds.freezer import install, link_or_copy

READ_SECONDS = 10.0  # of a file in which the note is looked for


@dataclass(frozen=True)
class Heard:
    """A note in a sound file. name : of the file; audio : float32 (SAMPLES,); key : MIDI number"""

    name: str
    audio: np.ndarray
    key: int


def read_network(source: Source) -> Checkpoint:
    """The weights there. Raises ModelError where they are no baseline's."""
    checkpoint = checkpoints.read(source)
    if checkpoint.kind != BASELINE:
        raise ModelError(f"{source.path}: a {checkpoint.kind}, no baseline; train one: `train baseline --reduced`")
    return checkpoint


def hear(path: Path, note_hz: float | None = None) -> Heard:
    """The note in a sound file. note_hz : where it is not to be found. Raises ModelError, PitchError."""
    try:
        recording = prepare(read_audio(path, RATE, READ_SECONDS).audio, RATE, RATE // 100, note_hz)
    except ModelError as error:
        raise type(error)(f"{path}: {error}") from error
    audio = recording.audio[:SAMPLES]
    key = min(max(round(hz_key(recording.f0_hz)), 0), 127)
    return Heard(path.stem, np.pad(audio, (0, SAMPLES - len(audio))).astype(np.float32), key)


def encode(model, notes: list[Heard]) -> np.ndarray:
    """float32 (notes, latent): Z."""
    return model.encode(np.stack([picture(note.audio, model.config.picture) for note in notes]))


def decode(model, z: np.ndarray, keys: list[int], iterations: int) -> np.ndarray:
    """float32 (notes, SAMPLES), peak 1. z : (notes, latent); keys : MIDI numbers"""
    shown = model.decode(z.astype(np.float32), keys)
    audio = np.stack([sound(each, model.config.picture, iterations)[:SAMPLES] for each in shown])
    return audio / np.maximum(np.abs(audio).max(1, keepdims=True), 1e-9)


def between(z: np.ndarray, steps: int) -> np.ndarray:
    """(steps, latent): in straight lines from the first of two embeddings to the second, both included."""
    share = np.linspace(0.0, 1.0, steps)[:, None]
    return (1 - share) * z[0] + share * z[1]


def make_pad(
    source: Source, notes: list[Heard], name: str, folder: Path, side: int, keys: tuple[int, ...], iterations: int
) -> tuple[Preset, Path]:
    """A preset with these notes in the corners of its pad, and the weights that it plays by, both put into a folder
    and where the window finds them. The network is put there, too.

    notes : one to four; where there are fewer, they come again. Raises ModelError, PresetError, SynthError.
    """
    if not 1 <= len(notes) <= CORNERS:
        raise PresetError(f"{len(notes)} sounds; a pad has one to {CORNERS}")
    network = read_network(source)
    if not network.config.pitch:
        raise ModelError(f"{source.path}: is not told the pitch, so it cannot play keys; train one with --pitch")
    cornered = [notes[corner % len(notes)] for corner in range(CORNERS)]
    z = encode(build(network), cornered)
    config = pad_config(network.fingerprint, network.config.latent, side, keys, iterations)
    embeddings = np.repeat(z[:, None], len(keys), 1)
    preset = _preset(
        name, [note.name for note in cornered], config, checkpoints.fingerprint({"embeddings": embeddings})
    )
    folder.mkdir(parents=True, exist_ok=True)
    weights = (folder / file_name(name)).with_suffix(".safetensors")
    checkpoints.write(weights, config, {"embeddings": embeddings}, f"pad of the baseline {network.fingerprint}")
    write_preset(preset, folder / file_name(name))
    _install_network(network, Path(source.path))
    install(preset, weights)
    return preset, weights


def _preset(name, sounds, config: BaselinePadConfig, model):
    """Its sounds take as long as NSynth's notes, of which the network makes every one."""
    frames, held = SAMPLES // config.hop, HELD_SAMPLES // config.hop
    loop = LOOP[0] // config.hop, (LOOP[0] + LOOP[1]) // config.hop
    still = np.zeros((1, 1, frames, 1), np.float32)
    corners = tuple(EmbeddingSet(each, still, (60,), (VELOCITY,), loop, held) for each in sounds)
    plan = Plan(config, LOOP, CROSSFADE, grid_weights(config.side), phased=True)
    return replace(frozen_preset(Preset(name, corners), plan, model), name=name, tags=("baseline",))


def _install_network(network, path):
    known = KnownWeights()
    if known.find(network.fingerprint) is not None:
        return
    known.folder.mkdir(parents=True, exist_ok=True)
    target = known.folder / f"baseline-{network.fingerprint}.safetensors"
    if path.suffix == target.suffix:
        link_or_copy(path, target)
    else:  # of another program
        checkpoints.write(target, network.config, network.weights, network.origin)
