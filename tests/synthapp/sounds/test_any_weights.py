"""From weights as they are downloaded to an instrument: three commands, and recordings of one's own."""

import numpy as np
import pytest
import soundfile

from models import checkpoints
from models.data.nsynth import RATE
from models.wavenet import WaveNet
from presets.file import read_preset, write_preset
from presets.library import Library
from presets.preset import EmbeddingSet, Preset
from tests.models.own_notes import organ
from tests.synthapp.sounds.magenta_world import CONFIG, LATER, tone, write_archive, write_notes

GRID = range(24, 97, 4)


@pytest.fixture
def world(manifold, tmp_path, monkeypatch):
    """(archive, notes) of a musician whose cache is empty."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return write_archive(tmp_path / "wavenet-ckpt.tar"), write_notes(tmp_path / "notes.tfrecord")


def test_three_commands_lead_from_a_download_to_a_song(world, manifold, song, tmp_path):
    archive, notes = world
    assert manifold("import", archive).out.startswith(f"{tmp_path}/data/manifold/weights/wavenet-ckpt.safetensors: ")
    made = manifold("factory", "--weights", "wavenet-ckpt", "--notes", notes)
    assert made.status == 0 and "3 instruments into 1 presets: about" in made.out and "can be played" in made.out
    (entry,) = (entry for entry in Library().entries() if not entry.factory)
    played = manifold("render", song, "-o", tmp_path / "song.wav", "--preset", entry.name, "--rate", 16000)
    assert played.status == 0
    audio, _ = soundfile.read(tmp_path / "song.wav")
    assert np.isfinite(audio).all() and np.abs(audio).max() > 1e-3
    check_preset(read_preset(entry.path), checkpoints.read(archive))
    check_weights(checkpoints.read(tmp_path / "data/manifold/weights/wavenet-ckpt.safetensors"), archive)
    before = entry.path.read_bytes()
    assert "1 of 1 presets are there already" in manifold("factory", "--weights", archive, "--notes", notes).out
    assert entry.path.read_bytes() == before
    assert len(list((tmp_path / "data/manifold/weights").iterdir())) == 1  # the archive's are those


def check_preset(preset, checkpoint):
    assert preset.model == checkpoint.fingerprint and preset.name.endswith("(wavenet-ckpt)")
    assert preset.parameters["temperature"] == 1.0 and preset.parameters["release_ms"] == 10000.0
    bass, flute, organ, again = preset.corners
    assert (bass.name, flute.name, organ.name) == ("bass_electronic_011", "flute_acoustic_002", "organ_synthetic_001")
    np.testing.assert_array_equal(again.latents, bass.latents)
    assert flute.pitches == tuple(note for note in GRID if abs(note - 72) <= 12)
    assert organ.pitches == tuple(note for note in GRID if LATER - 12 <= note <= 72)
    for sound in preset.corners:
        frames_per_s = RATE / CONFIG.hop
        assert sound.velocities == (100,) and sound.release == int(3 * frames_per_s)
        assert 0.4 * sound.release < sound.loop[0] < sound.loop[1] < sound.release < sound.latents.shape[2]
    direct = checkpoint_embedding(checkpoint, 72)[: flute.release]
    np.testing.assert_allclose(flute.latents[flute.pitches.index(72), 0, : flute.release], direct, rtol=1e-3, atol=1e-3)


def checkpoint_embedding(checkpoint, pitch):
    """What the network makes of the note itself, at the level that all notes are brought to."""
    from models.analysis.recording import gain_to_level
    from models.checkpoints.building import build

    audio = np.clip(tone(pitch), -1, 1).astype(np.float32)
    return build(checkpoint).encode(audio * np.float32(gain_to_level(audio, CONFIG.hop)))


def check_weights(kept, archive):
    """The ranges for int8 are beside them, and they are the same weights."""
    assert kept.fingerprint == checkpoints.read(archive).fingerprint
    assert kept.ranges.shape == (CONFIG.layers,) and (kept.ranges > 0).all()


def test_what_was_interrupted_goes_on(world, manifold, monkeypatch, tmp_path):
    archive, notes = world
    encoded, encode = [], WaveNet.encode

    def counted(self, audio, f0_hz=None):
        if len(encoded) == 9:
            raise MemoryError
        encoded.append(audio)
        return encode(self, audio, f0_hz)

    monkeypatch.setattr(WaveNet, "encode", counted)
    broken = manifold("factory", "--weights", archive, "--notes", notes)
    assert broken.status == 1 and broken.err.count("\n") == 1
    assert not [entry for entry in Library().entries() if not entry.factory]  # nothing half made
    monkeypatch.setattr(WaveNet, "encode", lambda *arguments: encoded.append(0) or encode(*arguments))
    assert manifold("factory", "--weights", archive, "--notes", notes).status == 0
    rows = sum(len(sound.pitches) for sound in own_preset().corners[:3])
    assert len(encoded) == rows  # each once


def own_preset():
    (entry,) = (entry for entry in Library().entries() if not entry.factory)
    return read_preset(entry.path)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (["--instruments", "harp_acoustic_000"], "the notes have no 'harp_acoustic_000'"),
        (["--sf2", "nowhere.sf2"], "give one of them"),
    ],
)
def test_what_cannot_be_made_is_one_line_and_changes_nothing(world, manifold, tmp_path, asked, told):
    archive, notes = world
    refused = manifold("factory", "--weights", archive, "--notes", notes, *asked)
    assert refused.status == 1 and refused.err.count("\n") == 1 and told in refused.err
    assert not (tmp_path / "data/manifold/weights").exists()


def record_note(path, pitch, seconds=1.0):
    soundfile.write(path, 0.3 * organ(440 * 2 ** ((pitch - 69) / 12), {1: 1.0, 2: 0.5, 3: 0.3}, seconds), 44100)
    return path


def test_recordings_become_a_sound_of_source_notes(world, manifold, tmp_path):
    archive, _ = world
    low, high = record_note(tmp_path / "low.wav", 45), record_note(tmp_path / "high.wav", 69.3, seconds=1.5)
    made = manifold("encode", low, high, "-o", tmp_path / "mine.manifold", "--weights", archive)
    assert made.status == 0 and "encoded as A1"[:11] in made.out and "keys beyond take the nearest" in made.out
    sound = read_preset(tmp_path / "mine.manifold").corners[0]
    assert sound.name == "low" and sound.pitches == tuple(note for note in GRID if 33 <= note <= 81)
    assert read_preset(tmp_path / "mine.manifold").parameters["temperature"] == 1.0


def test_an_embedding_is_a_sound_and_the_preset_brings_its_weights(world, manifold, tmp_path, monkeypatch):
    archive, _ = world
    manifold("import", archive)
    latents = np.random.default_rng(0).standard_normal((1, 20, CONFIG.latent)).astype(np.float32)
    np.save(tmp_path / "mine.npy", latents)
    model = checkpoints.read(archive).fingerprint
    base = EmbeddingSet("base", latents[None], (48,), loop=(5, 15), release=20)
    write_preset(Preset("Base", (base,) * 4, model=model), tmp_path / "base.manifold")
    command = ("encode", tmp_path / "mine.npy", "-o", tmp_path / "mine.manifold", "--corner", 2, "--note", "C3")
    made = manifold(*command, "--preset", tmp_path / "base.manifold")
    assert made.status == 0 and "20 frames, taken for C3" in made.out
    sound = read_preset(tmp_path / "mine.manifold").corners[1]
    assert sound.pitches == (48,)
    np.testing.assert_array_equal(sound.latents[0, 0], latents[0, : sound.latents.shape[2]])


def test_presets_of_weights_that_are_not_here_say_so(manifold, instrument, song, tmp_path):
    sound = read_preset(instrument.preset).corners[0]
    write_preset(Preset("Lost", (sound,) * 4, model="0" * 16), tmp_path / "lost.manifold")
    refused = manifold("render", song, "-o", tmp_path / "song.wav", "--preset", tmp_path / "lost.manifold")
    assert refused.status == 1 and "other weights, which are not here" in refused.err


@pytest.mark.slow
def test_weights_that_hear_pitch_get_their_notes_as_they_are(world, manifold, instrument, tmp_path):
    """Matched by playing, in processes; one note in four semitones, none repitched."""
    _, notes = world
    made = manifold("factory", "--weights", instrument.weights, "--notes", notes)
    assert made.status == 0 and "(tiny)" in made.out
    preset = own_preset()
    assert preset.corners[2].name == "organ_synthetic_001" and preset.corners[2].pitches == (LATER, 60)
    assert preset.corners[0].pitches == (36,) and preset.model == checkpoints.read(instrument.weights).fingerprint
    assert "temperature" not in preset.parameters
    assert checkpoints.read(tmp_path / "data/manifold/weights/tiny.safetensors").ranges is not None
