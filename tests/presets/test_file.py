"""Round trips, hostile files, a golden file."""

import json
import math
import os
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from common.errors import PresetError
from presets.file import FILE_BYTES, HEADER_BYTES, decode, encode, read_preset, read_summary, write_preset
from presets.latents import rounded
from presets.pad import POINTS
from presets.preset import NAME_LENGTH, EmbeddingSet, Preset
from tests.mutants import mutate
from tests.paths import GOLDEN

VERSION_1 = GOLDEN / "preset-version-1.manifold"

names = (
    st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=NAME_LENGTH)
    .filter(str.isprintable)
    .filter(lambda text: text == text.strip())
)
numbers = st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def sounds(draw, latent):
    midi = st.sets(st.integers(0, 127), min_size=1, max_size=3).map(sorted).map(tuple)
    pitches, velocities, frames = draw(midi), draw(midi), draw(st.integers(1, 9))
    first = draw(st.integers(0, frames - 1))
    width = draw(st.sampled_from([16, 32]))
    values = st.floats(allow_nan=False, allow_infinity=False, width=width)
    shape = (len(pitches), len(velocities), frames, latent)
    latents = draw(arrays(np.float32, shape, elements=values))
    if draw(st.booleans()):
        latents[..., : draw(st.integers(0, latent))] = draw(st.integers(-128, 128)) / 32
    return EmbeddingSet(
        draw(names),
        latents,
        pitches,
        velocities,
        (first, draw(st.integers(first, frames - 1))),
        draw(st.integers(0, frames)),
        draw(numbers),
    )


@st.composite
def presets(draw):
    corner, place = sounds(draw(st.integers(1, 5))), st.tuples(st.floats(0, 1), st.floats(0, 1))
    places = draw(st.just(POINTS) | st.lists(place, min_size=1, max_size=6).map(tuple))
    return Preset(
        draw(names),
        tuple(draw(corner) for _ in places),
        tuple(draw(st.lists(names, max_size=3))),
        draw(names | st.just("")),
        draw(names | st.just("")),
        (draw(st.floats(0, 1)), draw(st.integers(0, 1))),
        draw(st.dictionaries(names, numbers | st.integers(-100, 100), max_size=4)),
        places=places,
    )


@pytest.mark.slow
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(presets())
def test_saving_what_was_loaded_gives_the_same_bytes_and_the_same_latents(preset):
    assert_saved_again_alike(preset)


@pytest.mark.long
@settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))
@given(presets())
def test_a_thousand_presets_are_saved_again_with_the_same_bytes(preset):
    """R8."""
    assert_saved_again_alike(preset)


def assert_saved_again_alike(preset):
    data = encode(preset)
    loaded = decode(data)
    assert encode(loaded) == data and loaded.places == preset.places
    for ours, theirs in zip(preset.corners, loaded.corners, strict=True):
        assert theirs.latents.dtype == np.float32
        assert ours.latents.tobytes() == theirs.latents.tobytes()


def test_every_field_comes_back(preset, tmp_path):
    write_preset(preset, tmp_path / "a.manifold")
    loaded = read_preset(tmp_path / "a.manifold")
    for field in ("name", "tags", "author", "model", "pad", "parameters"):
        assert getattr(loaded, field) == getattr(preset, field)
    for ours, theirs in zip(preset.corners, loaded.corners, strict=True):
        for field in ("name", "pitches", "velocities", "loop", "release", "decay_db_per_s"):
            assert getattr(theirs, field) == getattr(ours, field)


def test_it_is_a_safetensors_file(preset):
    tensors = safetensors.numpy.load(encode(preset))
    assert sorted(tensors) == ["corner0", "corner1", "corner2", "corner3"]
    assert np.array_equal(tensors["corner2"], preset.corners[2].latents)


def test_latents_that_fit_half_precision_take_half_the_room(preset):
    halves = tuple(replace(c, latents=c.latents.astype(np.float16).astype(np.float32)) for c in preset.corners)
    values = sum(corner.latents.size for corner in preset.corners)
    saved = len(encode(preset)) - len(encode(replace(preset, corners=halves)))
    assert abs(saved - 2 * values) <= 16  # the header differs by a few digits


def test_timbre_that_was_rounded_takes_a_byte_for_every_channel_and_fourth_frame(preset):
    for frames in (1, 2, 7, 8):
        whole = np.random.default_rng(frames).normal(size=(2, 2, frames, 5)).astype(np.float32)
        corner = EmbeddingSet("x", rounded(whole, (1,) * 3), (48, 60), (50, 100))
        assert np.array_equal(corner.latents[..., 3:], whole[..., 3:].astype(np.float16))
        data = encode(replace(preset, corners=(corner,) * 4))
        tensors = safetensors.numpy.load(data)
        assert [tensors[name].dtype for name in ("corner1", "corner1.rest")] == [np.int8, np.float16]
        assert tensors["corner1"].shape == (2, 2, (frames + 3) // 4, 3)
        assert all(np.array_equal(each.latents, corner.latents) for each in decode(data).corners)
        assert encode(decode(data)) == data


def test_rounding_keeps_what_lies_on_straight_lines():
    knots = np.random.default_rng(0).normal(size=(2, 4))
    lines = np.stack([np.interp(np.arange(13), np.arange(0, 13, 4), each) for each in knots], 1)
    lines = lines.astype(np.float32)[None, None]
    found = rounded(lines, (1,) * 2)
    np.testing.assert_allclose(found, lines, atol=1 / 64 + 1e-6)
    assert np.array_equal(found[:, :, ::4] * 32, np.rint(found[:, :, ::4] * 32))
    assert np.abs(rounded(100 * lines, (1,) * 2)).max() == 127 / 32


def test_a_byte_a_channel_and_frame_where_frames_lie_off_the_lines(preset):
    steps = np.random.default_rng(0).integers(-127, 128, (2, 2, 6, 5)).astype(np.float32)
    latents = np.concatenate([steps[..., :3] / 32, steps[..., 3:] / 1000], -1).astype(np.float32)
    corner = EmbeddingSet("x", latents, (48, 60), (50, 100))
    data = encode(replace(preset, corners=(corner,) * 4))
    assert safetensors.numpy.load(data)["corner0"].shape == (2, 2, 6, 3)
    assert all(np.array_equal(each.latents, latents) for each in decode(data).corners)


def test_parts_of_different_lengths_are_refused(preset, tmp_path):
    coarse = tuple(replace(c, latents=rounded(c.latents, (1,) * 3)) for c in preset.corners)

    def shorter(header):
        pitches, velocities, frames, channels = header["corner3.rest"]["shape"]
        header["corner3.rest"]["shape"] = [pitches, velocities, 1, frames * channels]

    assert_refused(tmp_path, changed(replace(preset, corners=coarse), shorter), "corner3 and corner3.rest have shapes")


def test_the_summary_is_read_without_the_tensors(preset, tmp_path):
    path = tmp_path / "a.manifold"
    path.write_bytes(encode(preset)[:-500])
    assert read_summary(path).corners == ("Flute", "Double bass", "Vibraphone", "Choir")
    with pytest.raises(PresetError, match="bytes of tensors"):
        read_preset(path)


def test_version_1_loads_for_ever():
    preset = read_preset(VERSION_1)
    assert preset.name == "Golden, version 1" and preset.tags == ("golden",) and preset.author == "Manifold"
    assert preset.pad == (0.25, 0.75) and preset.parameters == {"attack_ms": 12.5, "gain_db": -3.0}
    assert [corner.name for corner in preset.corners] == ["Flute", "Bass", "Bell", "Voice"]
    assert preset.corners[1].latents.shape == (2, 1, 3, 2)
    assert preset.corners[1].latents.ravel().tolist() == [float(value) for value in range(12, 24)]
    assert preset.corners[3].latents[0, 0, 0, 0] == np.float32(36.1)  # does not fit half precision
    assert preset.corners[0].loop == (1, 2) and preset.corners[0].release == 2
    assert preset.corners[0].decay_db_per_s == 1.5
    assert encode(preset) == VERSION_1.read_bytes()


def changed(preset, change=lambda header: None, document=lambda document: None):
    """The preset's bytes after `change` and `document` worked on the header and the document inside it."""
    data = encode(preset)
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    inner = json.loads(header["__metadata__"]["preset"])
    document(inner)
    header["__metadata__"]["preset"] = json.dumps(inner)
    change(header)
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data[8 + length :]


def assert_refused(tmp_path, data, cause):
    path = tmp_path / "hostile.manifold"
    path.write_bytes(data)
    with pytest.raises(PresetError) as caught:
        read_preset(path)
    line = str(caught.value)
    assert cause in line and str(path) in line and line.isprintable() and len(line) < 600


HEADERS = {
    "corner2 is missing": lambda header: header.pop("corner2"),
    "__metadata__ is missing": lambda header: header.pop("__metadata__"),
    "unknown tensor 'corner4'": lambda header: header.update(corner4=header["corner3"]),
    "do not agree": lambda header: header["corner1"].update(shape=[2**40, 2**40, 2**40, 4]),
    "corner0 has shape": lambda header: header["corner0"].update(shape=[-1, -1, 12, 8]),
    "corner3 has shape": lambda header: header["corner3"].update(data_offsets=[0, 2**63]),
    "Invalid enum value 'I64'": lambda header: header["corner0"].update(dtype="I64"),
    "Expected `array` of length 4": lambda header: header["corner0"].update(shape=[96]),
}
DOCUMENTS = {
    "schema_version is 99": lambda document: document.update(schema_version=99),
    "missing required field `pad`": lambda document: document.pop("pad"),
    "unknown field `x`": lambda document: document.update(x=1),
    "pad is (2.0, 0.0)": lambda document: document.update(pad=[2, 0]),
    "Expected `array` of length 4": lambda document: document["corners"].pop(),
    "loop (3, 12)": lambda document: document["corners"][0].update(loop=[3, 12]),
    "release -1": lambda document: document["corners"][0].update(release=-1),
    "pitches must be 2 ascending": lambda document: document["corners"][0].update(pitches=[60, 48]),
    "velocities must be 1 ascending": lambda document: document["corners"][0].update(velocities=[128]),
    "preset name ''": lambda document: document.update(name=""),
    "printable": lambda document: document.update(name="two\nlines"),
    "out of range": lambda document: document.update(parameters={"gain_db": 10**400}),
    "Expected `float`": lambda document: document.update(parameters={"gain_db": None}),
}


@pytest.mark.parametrize("cause", HEADERS)
def test_a_wrong_header_is_refused(preset, tmp_path, cause):
    assert_refused(tmp_path, changed(preset, HEADERS[cause]), cause)


@pytest.mark.parametrize("cause", DOCUMENTS)
def test_a_wrong_document_is_refused(preset, tmp_path, cause):
    assert_refused(tmp_path, changed(preset, document=DOCUMENTS[cause]), cause)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_latents_that_are_no_numbers_are_refused(preset, tmp_path, bad):
    data = bytearray(encode(preset))
    data[-4:] = np.float32(bad).tobytes()
    assert_refused(tmp_path, bytes(data), "NaN or infinity")
    with pytest.raises(PresetError, match="NaN or infinity"):
        replace(preset.corners[0], latents=np.full((2, 1, 12, 4), bad, np.float32))


def test_corners_of_different_latent_sizes_are_refused(preset):
    wide = EmbeddingSet("Wide", np.zeros((1, 1, 4, 7), np.float32))
    with pytest.raises(PresetError, match="different latent sizes"):
        replace(preset, corners=(wide, *preset.corners[1:]))


def test_every_truncation_is_refused(preset, tmp_path):
    data = encode(preset)
    for length in [*range(0, 64), *range(64, len(data), 37), len(data) - 1]:
        assert_refused(tmp_path, data[:length], "")
    assert_refused(tmp_path, data + b"\0", "bytes of tensors")


def test_claims_of_giants_are_refused(tmp_path):
    assert_refused(tmp_path, (2**63).to_bytes(8, "little") + b"{}", "not a preset")
    nested = b"[" * (HEADER_BYTES - 8)
    assert_refused(tmp_path, len(nested).to_bytes(8, "little") + nested, "")
    nested = b'{"corner0":' * 90000
    assert_refused(tmp_path, len(nested).to_bytes(8, "little") + nested, "")


def test_a_file_over_the_cap_is_not_read(tmp_path):
    path = tmp_path / "giant.manifold"
    with open(path, "wb") as file:
        file.truncate(FILE_BYTES + 1)
    with pytest.raises(PresetError, match="larger than 64 MiB"):
        read_preset(path)


def test_what_is_no_file_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe.manifold")
    for path in (tmp_path, tmp_path / "pipe.manifold", tmp_path / "none.manifold"):
        with pytest.raises(PresetError, match="cannot be read"):
            read_preset(path)


def test_a_preset_over_the_cap_is_not_written(preset, tmp_path):
    huge = EmbeddingSet("Huge", np.full((127, 3, 1000, 12), 0.1, np.float32), tuple(range(127)), (1, 2, 3))
    with pytest.raises(PresetError, match="larger than 64 MiB"):
        write_preset(replace(preset, corners=(huge,) * 4), tmp_path / "a.manifold")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("count", [3000, pytest.param(1_000_000, marks=pytest.mark.long)])
def test_mutants_load_as_a_valid_preset_or_are_refused(preset, memory_folder, count):
    """R6: bytes flipped, removed, doubled and swapped; nothing but PresetError may come out."""
    rng = np.random.default_rng(6)
    data, path, refused = encode(preset), memory_folder / "mutant.manifold", 0
    header = 8 + int.from_bytes(data[:8], "little")
    for _ in range(count):
        path.write_bytes(mutate(data, header, rng))
        try:
            mutant = read_preset(path)
        except PresetError as error:
            refused += 1
            assert str(error).isprintable()
        else:
            assert encode(mutant)
    assert count / 2 < refused < count  # flips in the tensors mostly give another valid sound


def bomb(preset, frames, pitches=12):
    """A preset whose sounds are mere zeros, most of them knots, which unpack to sixteen times their bytes."""
    data = encode(preset)
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    entries, offset = {"__metadata__": header["__metadata__"]}, 0
    for corner in range(len(preset.corners)):
        for name, dtype, sizes in (("", "I8", (frames // 4, 48)), (".rest", "F16", (frames, 1))):
            end = offset + pitches * math.prod(sizes) * (1 if dtype == "I8" else 2)
            entries[f"corner{corner}{name}"] = {
                "dtype": dtype,
                "shape": (pitches, 1, *sizes),
                "data_offsets": (offset, end),
            }
            offset = end
    text = json.dumps(entries).encode()
    return len(text).to_bytes(8, "little") + text + bytes(offset)


def test_what_would_fill_the_memory_is_refused_before_it_is_unpacked(preset, tmp_path):
    path = tmp_path / "bomb.manifold"
    path.write_bytes(bomb(preset, 16384))
    tracemalloc.start()
    with pytest.raises(PresetError, match="its sounds would take 147 MiB of memory; 96 may be"):
        read_preset(path)
    assert tracemalloc.get_traced_memory()[1] < 2 * FILE_BYTES
    tracemalloc.stop()
    with pytest.raises(PresetError, match="pitches must be 12"):  # a little less, and it is unpacked
        decode(bomb(preset, 8192))
