"""Sounds in files of their own: round trips, sharing, hostile files, and saving such a preset as one's own."""

import json
import os
import tracemalloc
import zlib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from common.errors import PresetError
from presets.file import (
    decode,
    encode,
    read_preset,
    read_summary,
    remove_unnamed_sounds,
    shared_sounds,
    write_preset,
    write_shared_preset,
)
from presets.latents import rounded
from presets.library import Library
from presets.preset import EmbeddingSet, Preset
from presets.sounds import LINE_BYTES, NAME, SOUND_BYTES, pack, unpack, write_sound
from tests.paths import GOLDEN


@st.composite
def latents(draw):
    """Of all kinds that are stored: whole steps, straight lines, half and single precision."""
    shape = tuple(draw(st.integers(1, most)) for most in (3, 2, 13, 5))
    width = draw(st.sampled_from([16, 32]))
    found = draw(arrays(np.float32, shape, elements=st.floats(-1000, 1000, width=width)))
    coarse = draw(st.integers(0, shape[3]))
    if draw(st.booleans()):
        return rounded(found, (1,) * coarse)
    steps = np.clip(np.rint(found[..., :coarse]), -100, 100) / 32 + 0.0
    return np.concatenate([steps, found[..., coarse:]], -1, dtype=np.float32)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(latents())
def test_unpacking_gives_the_same_latents_bit_for_bit(latents):
    name, data = pack(latents)
    found = unpack(data, name)
    assert found.dtype == np.float32 and found.shape == latents.shape and found.tobytes() == latents.tobytes()
    assert NAME.fullmatch(name) and pack(found) == (name, data)


def test_the_name_tells_different_sounds_apart_and_not_how_they_are_packed(preset):
    packed = dict(pack(corner.latents) for corner in preset.corners)
    assert len(packed) == 4
    for name, data in packed.items():
        line, _, body = data.partition(b"\n")
        stored = zlib.compress(zlib.decompress(body), 0)
        assert unpack(line + b"\n" + stored, name).tobytes() == unpack(data, name).tobytes()


def test_latents_of_other_axes_have_other_names():
    line = np.arange(12, dtype=np.float32)
    assert len({pack(line.reshape(shape))[0] for shape in ((1, 1, 12, 1), (1, 1, 1, 12), (2, 1, 6, 1))}) == 3


def test_smooth_sounds_take_less_room():
    time = np.linspace(0, 3, 200)
    slow = np.stack([np.sin(time * k) for k in range(1, 9)], -1)[None, None].astype(np.float32)
    sound = rounded(np.repeat(slow, 20, 0), (1,) * 6)
    plain = len(encode_one(sound))
    assert len(pack(sound)[1]) < plain / 2


def encode_one(latents):
    """Bytes of a preset of this sound alone; three of the corners hold next to nothing."""
    nothing = EmbeddingSet("nothing", np.zeros((1, 1, 1, latents.shape[-1]), np.float32))
    sound = EmbeddingSet("sound", latents, tuple(range(len(latents))))
    return encode(Preset("one", (sound, nothing, nothing, nothing)))


@pytest.fixture
def shared(preset, tmp_path):
    """Path of the preset as the factory writes it: its sounds beside it."""
    path = tmp_path / "factory" / "harbour.manifold"
    path.parent.mkdir()
    write_shared_preset(preset, path)
    return path


def test_a_preset_that_names_its_sounds_reads_as_one_that_holds_them(preset, shared, tmp_path):
    write_preset(preset, tmp_path / "own.manifold")
    assert encode(read_preset(shared)) == (tmp_path / "own.manifold").read_bytes()
    assert read_summary(shared) == read_summary(tmp_path / "own.manifold")
    assert shared.stat().st_size < 1500
    assert len(shared_sounds(shared)) == 4 and shared_sounds(tmp_path / "own.manifold") == ()
    assert sorted(shared_sounds(shared)) == sorted(os.listdir(shared.parent / "sounds"))


def test_presets_share_what_they_have_in_common(preset, shared):
    before = {path: path.read_bytes() for path in (shared.parent / "sounds").iterdir()}
    turned = replace(preset, name="Turned", corners=preset.corners[::-1])
    write_shared_preset(turned, shared.with_name("turned.manifold"))
    assert {path: path.read_bytes() for path in (shared.parent / "sounds").iterdir()} == before
    assert shared_sounds(shared.with_name("turned.manifold")) == shared_sounds(shared)[::-1]
    assert encode(read_preset(shared.with_name("turned.manifold"))) == encode(turned)


def test_the_summary_is_read_without_the_sounds(shared):
    for path in (shared.parent / "sounds").iterdir():
        path.unlink()
    assert read_summary(shared).corners == ("Flute", "Double bass", "Vibraphone", "Choir")


@pytest.mark.parametrize("name", ["preset-version-1", "user-preset"])
def test_what_is_saved_of_a_factory_preset_holds_its_sounds_in_the_bytes_of_a_preset_of_ones_own(name, tmp_path):
    golden = GOLDEN / f"{name}.manifold"
    factory = tmp_path / "factory"
    factory.mkdir()
    write_shared_preset(read_preset(golden), factory / golden.name)
    library = Library(tmp_path / "own", factory)
    entry = library.entries()[0]
    assert entry.factory
    assert library.save(read_preset(entry.path)).path.read_bytes() == golden.read_bytes()
    copies = [library.duplicate(entry), library.save_as(read_preset(entry.path), "Another")]
    copies.append(library.rename(copies[1], "A third"))
    for copy in (copies[0], copies[2]):
        assert copy.path.read_bytes() == encode(replace(read_preset(golden), name=copy.name))
        assert shared_sounds(copy.path) == ()
    assert not (tmp_path / "own" / "sounds").exists()


def test_bytes_alone_do_not_tell_where_the_sounds_are(shared):
    with pytest.raises(ValueError, match="its sounds lie in other files"):
        decode(shared.read_bytes())


def refusal(path):
    with pytest.raises(PresetError) as caught:
        read_preset(path)
    line = str(caught.value)
    assert str(path) in line and line.isprintable() and len(line) < 600
    return line


def first_sound(shared):
    return shared.parent / "sounds" / shared_sounds(shared)[0]


def test_a_sound_that_is_missing_is_named(shared):
    first_sound(shared).unlink()
    assert f"its sound {first_sound(shared).name[:12]} is missing from {shared.parent / 'sounds'}" in refusal(shared)


def test_a_sound_that_is_no_file_is_refused(shared):
    first_sound(shared).unlink()
    os.mkfifo(first_sound(shared))
    assert "is missing" in refusal(shared)


def test_a_sound_under_the_name_of_another_is_refused(shared):
    one, other = ((shared.parent / "sounds" / name) for name in shared_sounds(shared)[:2])
    one.write_bytes(other.read_bytes())
    assert "is damaged (it is another than its name says)" in refusal(shared)


def test_every_damage_to_a_sound_is_refused(shared):
    path, chance = first_sound(shared), np.random.default_rng(3)
    whole, intact = path.read_bytes(), encode(read_preset(shared))
    damaged = [whole[:length] for length in range(0, len(whole), 29)] + [whole + b"\0", whole + whole]
    for _ in range(300):
        flipped = bytearray(whole)
        flipped[int(chance.integers(len(whole)))] ^= 1 << int(chance.integers(8))
        damaged.append(bytes(flipped))
    refused = 0
    for data in damaged:
        path.write_bytes(data)
        try:
            assert encode(read_preset(shared)) == intact
        except PresetError as error:
            assert "is damaged" in str(error) and str(error).isprintable()
            refused += 1
    assert refused >= len(damaged) - 3  # a flip may fall where zlib looks at nothing: between two bytes


def bomb(line, plain):
    return json.dumps(line).encode() + b"\n" + zlib.compress(plain, 9)


LIES = {
    "does not unpack to 4 bytes": bomb([{"dtype": "I8", "shape": [1, 1, 4, 1]}], bytes(2**28)),
    "does not unpack to 8 bytes": bomb([{"dtype": "F32", "shape": [1, 1, 2, 1]}], bytes(7)),
    "says that it is larger than 16 MiB": bomb([{"dtype": "I8", "shape": [127, 127, 65536, 256]}], bytes(2**28)),
    "[(-1, -1, 4, 1)]": bomb([{"dtype": "I8", "shape": [-1, -1, 4, 1]}], bytes(4)),
    "[(1, 1, 1, 4000), (1, 1, 4000, 1)]": bomb(
        [{"dtype": "I8", "shape": [1, 1, 1, 4000]}, {"dtype": "F16", "shape": [1, 1, 4000, 1]}], bytes(12000)
    ),
    "parts of shapes []": bomb([], b""),
    "parts of shapes [(1, 1, 1, 1), (1, 1, 1, 1)]": bomb([{"dtype": "I8", "shape": [1, 1, 1, 1]}] * 3, bytes(3)),
    "Invalid enum value 'I64'": bomb([{"dtype": "I64", "shape": [1, 1, 1, 1]}], bytes(8)),
    "unknown field `x`": bomb([{"dtype": "I8", "shape": [1, 1, 1, 1], "x": 1}], bytes(1)),
    "got `array`": b"[" * (LINE_BYTES + 1),
}


@pytest.mark.parametrize("cause", LIES)
def test_a_sound_that_lies_about_its_size_is_refused_and_takes_no_memory(shared, cause):
    path = first_sound(shared)
    path.write_bytes(LIES[cause])
    tracemalloc.start()
    line = refusal(shared)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "is damaged" in line and cause in line
    assert peak < 2**20 + 2 * len(LIES[cause])


def test_a_file_over_the_cap_is_not_read(shared):
    with open(first_sound(shared), "ab") as file:
        file.truncate(SOUND_BYTES + 1)
    assert "larger than 16 MiB" in refusal(shared)


def test_a_sound_over_the_cap_is_not_written(tmp_path):
    with pytest.raises(PresetError, match="larger than 16 MiB"):
        write_sound(tmp_path / "sounds", np.full((100, 1, 5000, 10), 0.1, np.float32))
    assert not list(tmp_path.iterdir())


def test_a_place_where_sounds_cannot_be_is_named(preset, tmp_path):
    (tmp_path / "taken").write_bytes(b"")
    with pytest.raises(PresetError, match=r"folder .*taken.sounds cannot be made: Not a directory"):
        write_shared_preset(preset, tmp_path / "taken" / "a.manifold")


def test_a_sound_that_no_preset_names_any_more_is_removed_and_nothing_else(preset, shared):
    other = shared.with_name("other.manifold")
    write_shared_preset(replace(preset, corners=(preset.corners[0],) * 4), other)
    (shared.parent / "sounds" / "notes.txt").write_text("mine")
    remove_unnamed_sounds(shared.parent)
    assert len(list((shared.parent / "sounds").iterdir())) == 5
    shared.unlink()
    remove_unnamed_sounds(shared.parent)
    left = sorted(path.name for path in (shared.parent / "sounds").iterdir())
    assert left == sorted(["notes.txt", shared_sounds(other)[0]])
    assert encode(read_preset(other)).count(b"Flute") == 4


def renamed(shared, change):
    """Write the preset anew with other names of sounds: `change` makes them of the true ones."""
    data = shared.read_bytes()
    header = json.loads(data[8:])
    header["__metadata__"]["sounds"] = change(header["__metadata__"]["sounds"])
    text = json.dumps(header).encode()
    shared.write_bytes(len(text).to_bytes(8, "little") + text)


@pytest.mark.parametrize(
    "change, cause",
    [
        (lambda names: names[65:], "it names 3 sounds, not 4"),
        (lambda names: f"{names} {names}", "it names 8 sounds, not 4"),
        (lambda names: "../../../etc/passwd" + names[64:], "'../../../etc/passwd' names no sound"),
        (lambda names: names.upper(), "names no sound"),
        (lambda names: "", "corner0 is missing"),
        (lambda names: 4, "Expected `str`"),
    ],
)
def test_names_that_are_none_are_refused(shared, change, cause):
    renamed(shared, change)
    assert cause in refusal(shared)


def test_tensors_beside_named_sounds_are_refused(preset, shared):
    header = json.loads(shared.read_bytes()[8:])
    data = encode(preset)
    length = int.from_bytes(data[:8], "little")
    header |= {name: entry for name, entry in json.loads(data[8 : 8 + length]).items() if name == "corner0"}
    text = json.dumps(header).encode()
    shared.write_bytes(len(text).to_bytes(8, "little") + text + data[8 + length :])
    assert "unknown tensor 'corner0'" in refusal(shared)
