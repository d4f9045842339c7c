"""The versions of the document: what is new is one class more in the table, what is old is read for ever."""

import json
from dataclasses import replace

import pytest

from common.errors import PresetError
from presets import schema
from presets.file import encode, read_preset, read_summary, write_preset
from presets.schema import VERSIONS, version1
from tests.paths import GOLDEN


class Version99(version1.Document):
    """A preset that knows its mood. Presets have no such field: a tag keeps it."""

    mood: str

    @classmethod
    def of(cls, preset):
        *tags, mood = preset.tags
        known = version1.Document.of(replace(preset, tags=tuple(tags)))
        fields = {name: getattr(known, name) for name in known.__struct_fields__}
        return cls(**(fields | {"schema_version": 99}), mood=mood)

    def preset(self, latents):
        known = super().preset(latents)
        return replace(known, tags=(*known.tags, self.mood))


@pytest.fixture
def knows_99(monkeypatch):
    monkeypatch.setitem(VERSIONS, 99, Version99)


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
        newer.setitem(VERSIONS, 99, Version99)
        write_preset(preset, path)
    with pytest.raises(PresetError, match="schema_version is 99, not up to 1; a newer Manifold may know it"):
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


def test_a_field_of_another_version_is_refused(preset):
    text = schema.written(preset).replace('"schema_version":1', '"mood":"calm","schema_version":1')
    with pytest.raises(ValueError, match="unknown field `mood`"):
        schema.read(text)
