"""The versions of the document: what is new is one class more in the table, what is old is read for ever."""

import json
from dataclasses import replace

import pytest

from common.errors import PresetError
from presets import schema
from presets.effects import PLUGIN, Plugin, Slot
from presets.file import decode, encode, read_preset, read_summary, write_preset
from presets.schema import VERSIONS, version1
from tests.paths import GOLDEN


class Version99(version1.Document):
    """A preset that knows its mood. Presets have no such field: a tag keeps it."""

    mood: str

    @classmethod
    def holds(cls, preset):
        return True

    @classmethod
    def of(cls, preset):
        *tags, mood = preset.tags
        known = version1.Document.of(replace(preset, tags=tuple(tags)))
        fields = {name: getattr(known, name) for name in known.__struct_fields__}
        return cls(**(fields | {"schema_version": 99}), mood=mood)

    def preset(self, latents):
        known = super().preset(latents)
        return replace(known, tags=(*known.tags, self.mood))


def make_known(monkeypatch):
    """A version of which every preset has something that the older ones cannot hold."""
    for known in (*VERSIONS.values(),):
        monkeypatch.setattr(known, "holds", lambda preset: False)
    monkeypatch.setitem(VERSIONS, 99, Version99)


@pytest.fixture
def knows_99(monkeypatch):
    make_known(monkeypatch)


def document(data):
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    return json.loads(header["__metadata__"]["preset"])


def test_a_new_version_is_one_line_in_the_table(preset, tmp_path, knows_99):
    path = tmp_path / "new.manifold"
    write_preset(preset, path)
    assert document(path.read_bytes())["schema_version"] == 99 and document(path.read_bytes())["mood"] == "mallets"
    assert read_preset(path).tags == preset.tags and read_summary(path).tags == ("calm",)
    assert encode(read_preset(path)) == path.read_bytes()


def test_the_new_version_is_unknown_without_that_line(preset, tmp_path, monkeypatch):
    path = tmp_path / "new.manifold"
    with monkeypatch.context() as newer:
        make_known(newer)
        write_preset(preset, path)
    with pytest.raises(
        PresetError, match=f"schema_version is 99, not up to {max(VERSIONS)}; a newer Manifold may know it"
    ):
        read_preset(path)


@pytest.mark.parametrize("name", ["preset-version-1", "user-preset"])
def test_old_files_open_beside_a_new_version_and_are_saved_in_it(name, knows_99):
    old = (GOLDEN / f"{name}.manifold").read_bytes()
    preset = replace(read_preset(GOLDEN / f"{name}.manifold"), tags=("golden", "calm"))
    assert document(old)["schema_version"] == 1
    assert document(encode(preset)) == document(old) | {"schema_version": 99, "tags": ["golden"], "mood": "calm"}


def test_every_version_in_the_table_writes_its_own_number(preset):
    for version, known in VERSIONS.items():
        assert known.of(preset).schema_version == version


@pytest.mark.parametrize("name", ["preset-version-1", "user-preset"])
def test_what_was_saved_before_is_saved_again_byte_for_byte(name):
    path = GOLDEN / f"{name}.manifold"
    assert encode(read_preset(path)) == path.read_bytes()


CHAIN = (
    Slot(3, "reverb", wet=0.3, parameters={"size": 0.5}),
    Slot(1, "a kind of the future", on=False, parameters={"a name of its own": -2.5}),
    Slot(2, PLUGIN, plugin=Plugin("VST3", "ZaMaximX2", "1.2", "zamaximx2.vst3", b"\x00\xff\x80 state")),
)


def test_a_chain_comes_back_as_it_was_known_or_not(preset):
    saved = encode(replace(preset, effects=CHAIN))
    assert document(saved)["schema_version"] == 2
    assert decode(saved).effects == CHAIN and encode(decode(saved)) == saved
    assert decode(encode(replace(preset, effects=()))).effects == ()  # dry by choice
    assert decode(encode(preset)).effects is None


REFUSED = {
    "9 effects; 8 may be": tuple(Slot(id, "reverb") for id in range(1, 10)),
    "each must have its own": (Slot(1, "reverb"), Slot(1, "chorus")),
    "effect 0: its id must be": (Slot(0, "reverb"),),
    "effect 1: wet is 1.5": (Slot(1, "reverb", wet=1.5),),
    "effect 1: wet is nan": (Slot(1, "reverb", wet=float("nan")),),
    "effect 1: size is inf": (Slot(1, "reverb", parameters={"size": float("inf")}),),
    "names its plug-in": (Slot(1, PLUGIN),),
    "the states of its plug-ins take 1024 KiB": (Slot(1, PLUGIN, plugin=Plugin("VST3", "A", state=bytes(2**20))),),
}


@pytest.mark.parametrize(("line", "chain"), REFUSED.items(), ids=REFUSED)
def test_a_chain_that_cannot_be(preset, line, chain):
    with pytest.raises(PresetError, match=line):
        replace(preset, effects=chain)


def test_a_field_of_another_version_is_refused(preset):
    text = schema.written(preset).replace('"schema_version":1', '"mood":"calm","schema_version":1')
    with pytest.raises(ValueError, match="unknown field `mood`"):
        schema.read(text)


FREE = ((0.0, 0.0), (0.25, 0.5), (1.0, 1.0))


def free(preset):
    return replace(preset, corners=preset.corners[:3], places=FREE)


def test_free_points_come_back_with_their_sounds_and_four_corners_stay_of_the_version_that_they_were(preset, tmp_path):
    path = tmp_path / "free.manifold"
    write_preset(replace(free(preset), effects=CHAIN), path)
    assert document(path.read_bytes())["schema_version"] == 3
    loaded = read_preset(path)
    assert loaded.places == read_summary(path).places == FREE and loaded.effects == CHAIN
    assert [corner.name for corner in loaded.corners] == [corner.name for corner in preset.corners[:3]]
    assert document(encode(replace(preset, effects=CHAIN)))["schema_version"] == 2
    assert document(encode(preset))["schema_version"] == 1


@pytest.mark.parametrize(
    ("line", "places"),
    [("3 sounds and 2 places", [[0, 0], [1, 1]]), ("a sound stands at", [[0, 0], [1, 1], [0, 1.5]]), ("places", [])],
)
def test_points_that_cannot_be_are_refused_before_anything_is_shown(preset, line, places):
    text = json.loads(schema.written(free(preset)))
    text["sound"]["places"] = places
    with pytest.raises(ValueError, match=line):
        schema.read(json.dumps(text))


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        (
            "33 sounds; 1 to 32 may be",
            lambda preset: {"corners": preset.corners[:1] * 33, "places": ((0.5, 0.5),) * 33},
        ),
        ("0 sounds; 1 to 32", lambda preset: {"corners": (), "places": ()}),
        ("3 sounds and 4 places", lambda preset: {"corners": preset.corners[:3]}),
        ("a sound stands at", lambda preset: {"places": (*FREE, (float("nan"), 0.0))}),
    ],
)
def test_a_pad_that_cannot_be(preset, line, fields):
    with pytest.raises(PresetError, match=line):
        replace(preset, **fields(preset))
