"""Bad input: one clear line, a non-zero exit, and nothing changed. Each case names a mistake or a damaged file."""

import json
import os
import resource
import shutil
import struct
from dataclasses import replace

import mido
import numpy as np
import pytest
import soundfile

from models import checkpoints
from presets.file import SUFFIX, read_preset, write_preset


@pytest.fixture
def refused(manifold, tmp_path):
    """Call a command that must fail: one line that contains `match`, and no file made, changed or lost."""

    def call(match, *arguments):
        before = snapshot(tmp_path)
        outcome = manifold(*arguments)
        assert outcome.status == 1 and outcome.out == ""
        assert outcome.err.startswith("manifold: ") and outcome.err.count("\n") == 1 and len(outcome.err) < 600
        assert match in outcome.err
        assert snapshot(tmp_path) == before

    return call


def snapshot(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def checkpoint(tmp_path, small_checkpoint):
    """A copy of the genuine TensorFlow checkpoint, to be damaged. returns : (prefix, index, data)"""
    parts = [tmp_path / f"model.ckpt-1234{part}" for part in (".index", ".data-00000-of-00001")]
    for part in parts:
        shutil.copy(small_checkpoint.with_name(part.name), part)
    return (tmp_path / "model.ckpt-1234", *parts)


def flip(path, at):
    content = bytearray(path.read_bytes())
    content[at] ^= 4
    path.write_bytes(content)


def test_truncated_checkpoint(refused, checkpoint, tmp_path):
    prefix, index, data = checkpoint
    data.write_bytes(data.read_bytes()[:100_000])
    refused("truncated", "import", prefix, "-o", tmp_path / "out.safetensors")
    index.write_bytes(index.read_bytes()[:1000])
    refused("damaged checkpoint index", "import", prefix, "-o", tmp_path / "out.safetensors")


def test_bit_flipped_checkpoint(refused, checkpoint, tmp_path):
    prefix, index, data = checkpoint
    _, weights = checkpoints.read(prefix).network
    flip(data, data.read_bytes().index(weights["decoder.logits.weight"].tobytes()))
    refused("wrong checksum of tensor logits/W", "import", prefix, "-o", tmp_path / "out.safetensors")
    flip(index, 50)
    refused("damaged checkpoint index", "import", prefix, "-o", tmp_path / "out.safetensors")


def test_checkpoint_of_which_only_one_file_is_there(refused, checkpoint, tmp_path):
    _, index, data = checkpoint
    index.rename(tmp_path / "elsewhere")
    refused(f"{index.name} is missing beside it", "import", data, "-o", tmp_path / "out.safetensors")
    (tmp_path / "elsewhere").rename(index)
    data.unlink()
    refused(f"it belongs beside {index.name}", "import", index, "-o", tmp_path / "out.safetensors")


@pytest.mark.parametrize("command", ["render", "encode", "decode", "bench"])
def test_weights_that_are_not_there(refused, song, instrument, tmp_path, command):
    soundfile.write(tmp_path / "in.wav", np.zeros(4000), 16000)
    np.save(tmp_path / "in.npy", np.zeros((2, 4), np.float32))
    source = {"render": song, "encode": tmp_path / "in.wav", "decode": tmp_path / "in.npy"}.get(command)
    output = tmp_path / ("out.npy" if command == "encode" else "out.wav")
    arguments = [source, "-o", output] if source else []
    refused("no such file", command, *arguments, "--weights", tmp_path / "none.safetensors")


def header_of(path):
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    return json.loads(content[8 : 8 + length]), content[8 + length :]


def write_with_header(path, header, data):
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def gigantic_shape(header):
    header["decoder.start.weight"]["shape"] = [1 << 31, 1 << 31]


def gigantic_config(header):
    entry = json.loads(header["__metadata__"]["manifold"])
    entry["config"]["width"] = 1 << 40
    header["__metadata__"]["manifold"] = json.dumps(entry)


def missing_tensor(header):
    del header["decoder.logits.bias"]


def a_line_break_for_a_type(header):
    header["decoder.logits.bias"]["dtype"] = "\n\r\u202e"


def gigantic_name(header):
    entry = json.loads(header["__metadata__"]["manifold"])
    entry["config"]["x" * 100_000] = 1
    header["__metadata__"]["manifold"] = json.dumps(entry)


@pytest.mark.parametrize(
    "change", [gigantic_shape, gigantic_config, missing_tensor, a_line_break_for_a_type, gigantic_name]
)
def test_hostile_weights(refused, song, instrument, tmp_path, change):
    path = tmp_path / "bad.safetensors"
    header, data = header_of(instrument.weights)
    change(header)
    write_with_header(path, header, data)
    arguments = ["--weights", path, "--preset", instrument.preset]
    refused("bad.safetensors", "render", song, "-o", tmp_path / "out.wav", *arguments)


def extra_tensor(header, data):
    header["corner9"] = {"dtype": "F32", "shape": [1, 1, 1, 1], "data_offsets": [len(data), len(data) + 4]}
    return data + bytes(4)


def without_a_corner(header, data):
    del header["corner3"]
    return data


def not_a_number(header, data):
    dtype = {"F16": "<f2", "F32": "<f4"}[header["corner0"]["dtype"]]
    return np.array([np.nan], dtype).tobytes() + data[np.dtype(dtype).itemsize :]


def unknown_version(header, data):
    document = json.loads(header["__metadata__"]["preset"])
    header["__metadata__"]["preset"] = json.dumps(document | {"schema_version": 999})
    return data


def truncated(header, data):
    return data[:-10]


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (extra_tensor, "corner9"),
        (without_a_corner, "corner3 is missing"),
        (not_a_number, "NaN"),
        (unknown_version, "999"),
        (truncated, "bytes"),
    ],
)
def test_bad_preset(refused, song, instrument, tmp_path, change, match):
    path = tmp_path / f"bad{SUFFIX}"
    header, data = header_of(instrument.preset)
    write_with_header(path, header, change(header, data))
    arguments = ["--weights", instrument.weights, "--preset", path]
    refused(match, "render", song, "-o", tmp_path / "out.wav", *arguments)


def test_unknown_preset(refused, song, instrument, tmp_path):
    arguments = ["--weights", instrument.weights, "--preset", "Nonesuch"]
    refused("there is no preset 'Nonesuch'", "render", song, "-o", tmp_path / "out.wav", *arguments)


def test_preset_of_other_weights_of_the_same_shape(refused, song, instrument, tmp_path):
    other = tmp_path / f"other{SUFFIX}"
    write_preset(replace(read_preset(instrument.preset), model="0" * 16), other)
    arguments = ["--weights", instrument.weights, "--preset", other]
    refused("made with other weights", "render", song, "-o", tmp_path / "out.wav", *arguments)


def test_preset_of_another_model(refused, song, instrument, small_checkpoint, tmp_path):
    arguments = ["--weights", small_checkpoint, "--preset", instrument.preset]
    refused("4 channels and the model has 8", "render", song, "-o", tmp_path / "out.wav", *arguments)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MThd",
        b"RIFF....WAVE",
        b"MThd\0\0\0\6\0\1\0\1\1\xe0MTrk\xff\xff\xff\xff\0",
        b"MThd\0\0\0\6\0\1\0\5\1\xe0",
    ],
    ids=["empty", "cut off", "another format", "gigantic track", "missing tracks"],
)
def test_broken_midi_file(refused, instrument, tmp_path, content):
    path = tmp_path / "broken.mid"
    path.write_bytes(content)
    arguments = ["--weights", instrument.weights, "--preset", instrument.preset]
    refused("broken.mid", "render", path, "-o", tmp_path / "out.wav", *arguments)


def test_midi_file_that_is_not_there(refused, instrument, tmp_path):
    arguments = ["--weights", instrument.weights, "--preset", instrument.preset]
    refused("none.mid", "render", tmp_path / "none.mid", "-o", tmp_path / "out.wav", *arguments)


@pytest.mark.parametrize(
    ("samples", "match"),
    [
        (np.zeros((0, 1)), "no audio in it"),
        (np.zeros((10, 1)), "shorter than one frame"),
        (np.full((8000, 1), np.nan), "not finite"),
    ],
    ids=["empty", "short", "nan"],
)
def test_bad_audio(refused, instrument, tmp_path, samples, match):
    soundfile.write(tmp_path / "in.wav", samples, 16000, subtype="FLOAT")
    refused(match, "encode", tmp_path / "in.wav", "-o", tmp_path / "out.npy", "--weights", instrument.weights)


@pytest.mark.parametrize("content", [b"", b"RIFF", b"not audio at all"])
def test_no_audio_at_all(refused, instrument, tmp_path, content):
    (tmp_path / "in.wav").write_bytes(content)
    refused("in.wav", "encode", tmp_path / "in.wav", "-o", tmp_path / "out.npy", "--weights", instrument.weights)


def npy(header):
    """An NPY file with this header and no values."""
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header


@pytest.mark.parametrize(
    ("stored", "match"),
    [
        (np.zeros((3, 5), np.float32), "(3, 5)"),
        (np.zeros(4, np.float32), "(4,)"),
        (np.zeros((0, 4), np.float32), "(0, 4)"),
        (np.zeros((3, 4), np.int32), "int32"),
        (np.full((3, 4), np.inf, np.float32), "not finite"),
        (np.array([[{}] * 4]), "not an NPY file"),
        (b"", "not an NPY file"),
        (npy(b"{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4), }"), "not an NPY file"),
        (npy(b"{'descr': '<f4', 'fortran_order': False, 'shape': ((3, 4), }"), "not an NPY file"),
        (npy(b"{'descr': (), 'fortran_order': False, 'shape': (3, 4), }"), "not an NPY file"),
        (npy(b"(" * 4000), "not an NPY file"),
        (b"PK\3\4" + bytes(60), "not an NPY file"),
        (np.full((3, 4), 1e38, np.float32), "values up to 1e+38"),
        (np.full((3, 4), -1e300), "values up to 1e+300"),
    ],
    ids=[
        "channels",
        "axes",
        "empty",
        "integers",
        "infinite",
        "objects",
        "nothing",
        "gigantic",
        "bracket",
        "type",
        "nested",
        "archive",
        "huge",
        "huge and double",
    ],
)
def test_bad_embedding(refused, instrument, tmp_path, stored, match):
    path = tmp_path / "in.npy"
    if isinstance(stored, bytes):
        path.write_bytes(stored)
    else:
        np.save(path, stored, allow_pickle=True)  # an array of objects is what a hostile file would hold
    refused(match, "decode", path, "-o", tmp_path / "out.wav", "--weights", instrument.weights)


@pytest.mark.parametrize("command", ["render", "encode", "decode", "import"])
def test_unwritable_output(refused, instrument, song, small_checkpoint, tmp_path, command):
    sources, suffix = inputs(command, instrument, song, small_checkpoint, tmp_path)
    refused("cannot be written", command, *sources, "-o", tmp_path / "no" / f"out{suffix}")
    refused("files are written; name it out", command, *sources, "-o", tmp_path / "out.mp3")


@pytest.mark.parametrize("command", ["render", "encode", "decode", "import"])
def test_full_disk(refused, instrument, song, small_checkpoint, tmp_path, command):
    """The old file stays when there is no room for the new one."""
    sources, suffix = inputs(command, instrument, song, small_checkpoint, tmp_path)
    output = tmp_path / f"out{suffix}"
    output.write_bytes(b"old")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        refused("cannot be written", command, *sources, "-o", output)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def inputs(command, instrument, song, small_checkpoint, tmp_path):
    """(arguments of a command that would work, suffix of its output)."""
    weights = ["--weights", instrument.weights]
    if command == "render":
        return [song, "--preset", instrument.preset, *weights], ".wav"
    if command == "encode":
        soundfile.write(tmp_path / "in.wav", np.zeros(4000), 16000)
        return [tmp_path / "in.wav", *weights], ".npy"
    if command == "decode":
        np.save(tmp_path / "in.npy", np.zeros((2, 4), np.float32))
        return [tmp_path / "in.npy", *weights], ".wav"
    return [small_checkpoint], ".safetensors"


def test_a_song_without_notes(refused, instrument, tmp_path):
    mido.MidiFile(tracks=[mido.MidiTrack([mido.MetaMessage("end_of_track", time=960)])]).save(tmp_path / "empty.mid")
    arguments = ["--weights", instrument.weights, "--preset", instrument.preset]
    refused("empty.mid: has no notes", "render", tmp_path / "empty.mid", "-o", tmp_path / "out.wav", *arguments)


@pytest.mark.parametrize("kind", ["pipe", "folder", "device"])
@pytest.mark.parametrize("option", ["song", "preset", "weights", "recording", "embedding"])
def test_what_is_not_a_file_is_refused_at_once(refused, instrument, song, tmp_path, kind, option):
    """A pipe that nobody writes to would be waited for."""
    path = tmp_path / f"strange{SUFFIX}"
    {"pipe": os.mkfifo, "folder": os.mkdir, "device": lambda path: path.symlink_to("/dev/zero")}[kind](path)
    weights = path if option == "weights" else instrument.weights
    preset = path if option == "preset" else instrument.preset
    output = tmp_path / "out.wav"
    commands = {
        "recording": ["encode", path, "-o", tmp_path / "out.npy"],
        "embedding": ["decode", path, "-o", output],
        "song": ["render", path, "-o", output, "--preset", preset],
    }
    played = ["render", song, "-o", output, "--preset", preset]
    refused("strange", *commands.get(option, played), "--weights", weights)


def test_names_are_shown_as_one_plain_line(refused, instrument, tmp_path):
    """Line breaks, bidirectional controls, bytes that are no UTF-8, and more than a screen of letters."""
    for name in ("two\nlines", "evil\u202egnp", os.fsdecode(b"latin-\xfc"), "x" * 5000):
        for command, output in (("render", "out.wav"), ("encode", "out.npy"), ("decode", "out.wav")):
            refused(name[:3], command, tmp_path / name, "-o", tmp_path / output, "--weights", instrument.weights)
    arguments = ["--preset", tmp_path / os.fsdecode(b"latin-\xfc.manifold")]
    refused("latin-?", "play", "--headless", *arguments)
