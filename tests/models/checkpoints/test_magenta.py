"""Magenta's checkpoints: the genuine small one, a full-size one, and hostile ones."""

import random
import shutil
import subprocess
import sys
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from common.errors import ModelError
from models import checkpoints
from models.checkpoints.layout import weight_shapes
from models.checkpoints.source import Source
from models.config import WaveNetConfig
from tests.models.checkpoints.bundle_writer import (
    assemble,
    block,
    entry,
    header,
    magenta_tensors,
    sealed,
    table,
    varint,
    write_bundle,
    write_index,
)
from tests.paths import ROOT

TINY = WaveNetConfig(width=3, skip_width=2, layers=2, latent=2, encoder_width=2, encoder_layers=1)
DATA = ".data-00000-of-00001"


@pytest.fixture
def copy(small_checkpoint, tmp_path):
    """A copy of the genuine checkpoint, to be damaged."""
    return copied(small_checkpoint, tmp_path)


@pytest.fixture
def memory_copy(small_checkpoint, memory_folder):
    """One that may be damaged a million times."""
    return copied(small_checkpoint, memory_folder)


def copied(prefix, folder):
    """A copy's prefix."""
    for part in (".index", DATA):
        shutil.copy(f"{prefix}{part}", f"{folder}/model.ckpt-1234{part}")
    return folder / "model.ckpt-1234"


@pytest.fixture
def tiny(tmp_path):
    """(prefix, entries) of a sound tiny checkpoint."""
    draw = np.random.default_rng(5).standard_normal
    prefix = tmp_path / "model.ckpt-7"
    return prefix, write_bundle(prefix, magenta_tensors(weight_shapes(TINY), draw))


def refused(path, match):
    """The error is one line that names the file."""
    with pytest.raises(ModelError, match=match) as caught:
        checkpoints.read(path)
    assert "\n" not in str(caught.value) and path.name in str(caught.value)


def test_config_is_recovered(small_checkpoint):
    config, weights = checkpoints.read(small_checkpoint).network
    expected = WaveNetConfig(width=32, skip_width=24, latent=8, encoder_width=16)
    assert config == expected
    assert {name: values.shape for name, values in weights.items()} == weight_shapes(config)
    assert sum(values.size for values in weights.values()) == 298976


def test_hop_and_stages_are_arguments(small_checkpoint):
    config, _ = checkpoints.read(Source(str(small_checkpoint), hop=256, stages=5)).network
    assert (config.hop, config.stages, config.encoder_stages) == (256, 5, 5)


def test_moving_averages_are_other_weights(small_checkpoint):
    _, plain = checkpoints.read(small_checkpoint).network
    _, average = checkpoints.read(Source(str(small_checkpoint), ema=True)).network
    assert checkpoints.fingerprint(plain) != checkpoints.fingerprint(average)


def test_written_bundle_reads_back(tiny):
    prefix, _ = tiny
    config, weights = checkpoints.read(prefix).network
    assert config == TINY
    draw = np.random.default_rng(5).standard_normal
    written = dict(magenta_tensors(weight_shapes(TINY), draw))
    np.testing.assert_array_equal(
        weights["decoder.dilated.weight"][1], written["dilatedconv_2/W"][0].astype(np.float32)
    )
    np.testing.assert_array_equal(weights["decoder.out1.bias"], written["out1/biases"].astype(np.float32))


@pytest.mark.parametrize("part", [".index", DATA, ".meta"])
def test_a_part_of_a_checkpoint_stands_for_it(small_checkpoint, part):
    whole = checkpoints.read(small_checkpoint).fingerprint
    assert checkpoints.read(f"{small_checkpoint}{part}").fingerprint == whole


def test_a_folder_stands_for_the_last_checkpoint_in_it(tiny, small_checkpoint, tmp_path):
    prefix, _ = tiny
    draw = np.random.default_rng(6).standard_normal
    write_bundle(tmp_path / "model.ckpt-12", magenta_tensors(weight_shapes(TINY), draw))
    assert checkpoints.read(tmp_path).fingerprint == checkpoints.read(tmp_path / "model.ckpt-12").fingerprint
    assert checkpoints.read(small_checkpoint.parent.parent).config.width == 32
    (tmp_path / "empty").mkdir()
    refused(tmp_path / "empty", "no checkpoint in it")


@pytest.fixture
def tarred(tiny, tmp_path):
    """tarred(name, mode, cut=1.0) -> an archive of the tiny checkpoint, as it is downloaded."""

    def make(name="wavenet-ckpt.tar", mode="w", cut=1.0):
        with tarfile.open(tmp_path / name, mode) as archive:
            archive.add(tmp_path / "model.ckpt-7.index", "./wavenet-ckpt/model.ckpt-7.index")
            archive.add(f"{tmp_path}/model.ckpt-7{DATA}", f"./wavenet-ckpt/model.ckpt-7{DATA}")
        content = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(content[: int(cut * len(content))])
        return tmp_path / name

    return make


def test_the_archive_is_read_where_it_lies(tiny, tarred):
    archive = tarred()
    before = sorted(archive.parent.iterdir())
    assert checkpoints.read(archive).fingerprint == checkpoints.read(tiny[0]).fingerprint
    assert sorted(archive.parent.iterdir()) == before


def test_an_archive_that_cannot_be_read_says_why(tarred, tmp_path):
    refused(tarred("packed.tgz", "w:gz"), "packed archive; unpack it and give .*model.ckpt-7")
    refused(tarred("cut.tar", cut=0.1), "damaged or of another kind")
    (tmp_path / "broken.tar").write_bytes(b"no archive")
    refused(tmp_path / "broken.tar", "damaged or of another kind")


@pytest.mark.parametrize("kept", [0.2, 0.25])
def test_a_truncated_archive_is_refused(tarred, kept):
    with pytest.raises(ModelError):
        checkpoints.read(tarred(cut=kept))


def test_nothing_there(tmp_path):
    refused(tmp_path / "model.ckpt-1", "no such file")


def test_moving_averages_that_are_not_there(tiny):
    with pytest.raises(ModelError, match="startconv/W/ExponentialMovingAverage is missing"):
        checkpoints.read(Source(str(tiny[0]), ema=True))


def test_missing_data_file(copy):
    Path(f"{copy}{DATA}").unlink()
    refused(copy, "no such file; it belongs beside model.ckpt-1234.index")


@pytest.mark.parametrize("part", [".index", DATA])
@pytest.mark.parametrize("kept", [0.0, 0.001, 0.3, 0.9, 0.99])
def test_truncated(copy, part, kept):
    path = Path(f"{copy}{part}")
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])
    with pytest.raises(ModelError):
        checkpoints.read(copy)


@pytest.mark.parametrize("count", [1000, pytest.param(300_000, marks=pytest.mark.long)])
def test_every_bit_of_the_index_counts(memory_copy, small_checkpoint, count):
    """A flipped bit is noticed, or lies where nothing is read and changes nothing."""
    path, chance = Path(f"{memory_copy}.index"), random.Random(1)
    content = path.read_bytes()
    whole, noticed = checkpoints.read(small_checkpoint).fingerprint, 0
    for _ in range(count):
        damaged = bytearray(content)
        damaged[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        path.write_bytes(damaged)
        try:
            _, weights = checkpoints.read(memory_copy).network
            assert checkpoints.fingerprint(weights) == whole
        except ModelError:
            noticed += 1
    assert noticed > 0.95 * count


def test_every_bit_of_a_wanted_tensor_counts(tiny):
    prefix, _ = tiny
    path, chance = Path(f"{prefix}{DATA}"), random.Random(2)
    content = path.read_bytes()
    for _ in range(300):
        damaged = bytearray(content)
        damaged[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        path.write_bytes(damaged)
        with pytest.raises(ModelError, match="wrong checksum of tensor"):
            checkpoints.read(prefix)


GIGANTIC = (1, 3, 1 << 20, 1 << 20)


@pytest.mark.parametrize(
    ("name", "changed", "match"),
    [
        ("startconv/W", entry((1, 3, 1, 1 << 30), 0, 36, 0), "width is 1073741824"),
        ("dilatedconv_1/W", entry(GIGANTIC, 0, 36, 0), "the other tensors demand"),
        ("out1/biases", entry((2,), 0, 1 << 40, 0), "1099511627776 bytes"),
        ("out1/biases", entry((2,), 1 << 40, 8, 0), "ends before tensor"),
        ("out1/biases", entry((2,), (1 << 64) - 4, 8, 0), "ends before tensor"),
        ("out1/biases", entry((2,), 4, 8, 0), "overlaps"),
        ("out1/biases", entry((2,), 4, 8, 0, dtype=3), "not one whole float32"),
        ("out1/biases", entry((2,), 4, 8, 0, extra=b"\x3a\x00"), "not one whole float32"),
        ("out1/biases", entry((2,), 4, 8, 0, shard=1), "names data file 1 of 1"),
        ("out1/biases", entry((1 << 50,), 4, 8, 0), "impossible shape"),
        ("out1/biases", entry((1,) * 9, 4, 8, 0), "impossible shape"),
        ("out1/biases", b"\x12\xff\xff\x03", "cut off"),
        ("out1/biases", b"\x10\x05", "a number where a message belongs"),
        ("out1/biases", b"\x0a\x00", "a message where a number belongs"),
        ("out1/biases", b"\x0f", "wire type 7"),
        ("out1/biases", b"\x08" + b"\xff" * 11, "a number is too long"),
        ("out1/biases", b"\x08\xff", "damaged checkpoint index"),
    ],
)
def test_hostile_entry(tiny, name, changed, match):
    """The checksums of the index are right; what it says is not. Nothing is allocated on its word."""
    prefix, entries = tiny
    write_index(prefix, {**entries, name: changed})
    refused(prefix, match)


def test_wrong_checksum_in_the_entry(tiny):
    prefix, entries = tiny
    right = entries["out1/biases"]
    write_index(prefix, {**entries, "out1/biases": right[:-1] + bytes([right[-1] ^ 1])})
    refused(prefix, "wrong checksum of tensor out1/biases")


def test_thousands_of_layers(tiny):
    prefix, entries = tiny
    layers = {f"dilatedconv_{layer}/W": entries["dilatedconv_1/W"] for layer in range(1, 20_000)}
    write_index(prefix, entries | layers)
    refused(prefix, "layers is 19999")


def test_more_weights_than_any_model_needs():
    """Each size is within its limit; all together they are not."""
    with pytest.raises(ModelError, match="would take 11208 MiB; at most 1024 are allowed"):
        weight_shapes(replace(TINY, width=2048, layers=100))


def test_not_a_number(tmp_path):
    prefix = tmp_path / "model.ckpt-7"
    write_bundle(prefix, magenta_tensors(weight_shapes(TINY), lambda shape: np.full(shape, np.nan)))
    refused(prefix, "not finite")


@pytest.mark.parametrize(
    ("head", "match"),
    [
        (header(shards=0), "0 data files"),
        (header(shards=10**9), "1000000000 data files"),
        (header(big_endian=1), "big-endian"),
        (b"", "0 data files"),
    ],
)
def test_hostile_header(tiny, head, match):
    prefix, entries = tiny
    write_index(prefix, entries, head)
    refused(prefix, match)


BLOCKS = [[(b"", header()), (b"a", b"")], [(b"b", b"")]]


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"", "does not end as one"),
        (bytes(48), "does not end as one"),
        (assemble(BLOCKS, [(0, 10**6), (0, 0)]), "a block lies outside it"),
        (assemble(BLOCKS, [(0, (1 << 70) - 1), (0, 0)]), "damaged checkpoint index"),
        (assemble(BLOCKS[:1] * 2), "names are not in order"),
        (assemble([[(b"x" * 600, b"")]]), "does not fit its block"),
    ],
)
def test_hostile_table(tmp_path, content, match):
    prefix = tmp_path / "model.ckpt-7"
    Path(f"{prefix}.index").write_bytes(content)
    refused(prefix, match)


def test_a_table_that_leads_back_into_itself(tmp_path):
    """Thousands of references to one block would let a small file grow without bound."""
    prefix = tmp_path / "model.ckpt-7"
    size = len(block(BLOCKS[0])) - 5
    Path(f"{prefix}.index").write_bytes(assemble([*BLOCKS, *BLOCKS], [(0, size)] * 4))
    refused(prefix, "blocks are not in order")


def test_compressed_blocks_are_named(tmp_path):
    prefix = tmp_path / "model.ckpt-7"
    content = sealed(bytes(4) + (1).to_bytes(4, "little"), compression=1)
    footer = varint(0) + varint(0) + varint(0) + varint(len(content) - 5)
    Path(f"{prefix}.index").write_bytes(content + footer.ljust(40, b"\0") + table([])[-8:])
    refused(prefix, "compressed blocks")


IMPORT = """
import sys
import tarfile
def resident_mib(field):
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith(field)) / 1024
from models import checkpoints
from models.checkpoints.source import Source
before = resident_mib("VmRSS")
config, weights = checkpoints.read(sys.argv[1]).network
print(config.width, config.skip_width, config.layers, checkpoints.fingerprint(weights), resident_mib("VmHWM") - before)
checkpoints.write(sys.argv[2], config, weights, "test")
print(resident_mib("VmHWM") - before)
assert "torch" not in sys.modules
"""


@pytest.mark.slow
def test_a_full_size_checkpoint_imports_in_bounded_memory(tmp_path):
    """61.8 million weights, 236 MiB: read with hardly more, written as safetensors with at most twice that."""
    prefix, chance = tmp_path / "model.ckpt-200000", np.random.default_rng(1)
    config = WaveNetConfig()
    write_bundle(prefix, magenta_tensors(weight_shapes(config), lambda shape: chance.random(shape, np.float32) - 0.5))
    output = tmp_path / "full.safetensors"
    command = [sys.executable, "-c", IMPORT, str(prefix), str(output)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    read_line, write_line = done.stdout.splitlines()
    width, skip_width, layers, print_of_import, read_mib = read_line.split()
    assert (width, skip_width, layers) == ("512", "256", "30")
    assert float(read_mib) < 236 * 1.2
    assert float(write_line) < 236 * 2.2
    found, weights = checkpoints.read(output).network
    assert found == config and checkpoints.fingerprint(weights) == print_of_import


def test_a_mistyped_path_is_told_the_right_one(tiny, tmp_path):
    """What people give: a folder, a slip of the keys, one file alone, the archive as it was downloaded."""
    prefix, _ = tiny
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "read me.txt").touch()
    refused(tmp_path / "empty", "there is no checkpoint in it .no files")
    refused(tmp_path / "notes", "there is no checkpoint in it .read me.txt")
    refused(tmp_path / "model.ckpt-8", f"no such file.*did you mean {prefix}")
    refused(tmp_path / "modle.ckpt-7", f"did you mean {prefix}")
    refused(tmp_path / "none" / "model.ckpt-7", f"there is no folder {tmp_path / 'none'}")
    refused(tmp_path / "notes" / "model.ckpt-7", "in .*notes there are read me.txt")
    Path(f"{prefix}.index").rename(tmp_path / "elsewhere")
    refused(Path(f"{prefix}{DATA}"), "model.ckpt-7.index is missing beside it")
    refused(prefix, "model.ckpt-7.index is missing beside it")
