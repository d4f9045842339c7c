"""A factory in small: a tiny random model, notes made here, three presets of two instruments."""

from dataclasses import replace

import numpy as np
import pytest

from common.errors import ModelError
from engine.decoder.opening import open_decoder
from engine.offline.takes import Take, play
from engine.voice.sound import Sound
from models import checkpoints
from models.data.notes import Notes
from models.data.nsynth import RATE
from models.data.programs import find_program
from presets.file import SUFFIX, encode, read_preset, shared_sounds
from presets.library import Library
from presets.pad import POINTS
from synthapp.sounds.factory import shipped as workshop
from synthapp.sounds.factory.recipes import Recipe
from synthapp.sounds.factory.shipped import BANKS, DRAFTS, PLAYED, WEIGHTS, balance_again, make_factory, ship

PITCHES = {"cello": (57, 60), "flute": (72,)}
SECONDS = 1
ALONE = 69  # a pitch that is there at one velocity only
STORED_VELOCITIES = BANKS["default"].velocities
RECIPES = (
    Recipe("One", ("strings",), ("cello", "flute", "flute", "cello")),
    Recipe("Two", ("winds", "soft"), ("flute", "flute", "flute", "flute"), (0.1, 0.9), {"brightness": 0.0}),
    Recipe("Three", (), ("flute", "cello", "cello", "flute")),
)
TINY = replace(BANKS["default"], recipes=RECIPES)


def tone(name, pitch, velocity):
    """float64 (samples,): the harmonics differ by name; short, so that the test is."""
    time, chance = np.arange(SECONDS * RATE) / RATE, np.random.default_rng(len(name))
    turns = 2 * np.pi * 440 * 2 ** ((pitch - 69) / 12) * time
    wave = sum(chance.uniform(0.1, 1) * np.sin(k * turns + k) for k in range(1, 6))
    return velocity / 127 / 6 * wave * np.minimum(1, 50 * time) * np.exp(-np.maximum(time - 0.8, 0) / 0.05)


@pytest.fixture(scope="module")
def notes():
    keys = [(name, pitch, each) for name in PITCHES for pitch in PITCHES[name] for each in STORED_VELOCITIES]
    keys = [("cello", ALONE, STORED_VELOCITIES[0]), *reversed(keys)]
    names, pitch, velocity = zip(*keys, strict=True)
    known = sorted(PITCHES)
    return Notes(
        audio=np.array([np.rint(32767 * tone(*key)) for key in keys], np.int16),
        scale=np.full(len(keys), 1 / 32768, np.float32),
        pitch=np.array(pitch),
        velocity=np.array(velocity),
        instrument=np.array([known.index(name) for name in names]),
        names=tuple(find_program(name).instrument_str for name in known),
        rate=RATE,
    )


@pytest.fixture(scope="module")
def made(notes, instrument, tmp_path_factory):
    """The folder of the factory, and all that lies in it: relative path -> bytes."""
    folder = tmp_path_factory.mktemp("factory") / "made"
    make_factory(notes, instrument.weights, folder, TINY, processes=2, balance=quieter)
    return folder, content(folder)


def quieter(preset, decoder):
    """Stands in for what makes presets equally loud, which plays for minutes."""
    return replace(preset, parameters=preset.parameters | {"trim_db": -1.0})


def content(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_three_presets_share_two_sounds(made):
    folder, files = made
    one, two, three = (shared_sounds(folder / f"{recipe.name}.manifold") for recipe in RECIPES)
    assert set(files) == {
        "One.manifold",
        "Two.manifold",
        "Three.manifold",
        WEIGHTS,
        *(f"sounds/{name}" for name in one),
    }
    cello, flute = one[:2]
    assert cello != flute
    assert one == (cello, flute, flute, cello) and two == (flute,) * 4 and three == (flute, cello, cello, flute)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_a_preset_is_as_its_recipe_says(made, instrument, recipe):
    preset = read_preset(made[0] / f"{recipe.name}.manifold")
    assert (preset.name, preset.tags, preset.pad) == (recipe.name, recipe.tags, recipe.pad)
    assert tuple(corner.name for corner in preset.corners) == recipe.corners
    assert preset.model == checkpoints.read(instrument.weights).fingerprint and preset.author == "Manifold"
    assert preset.parameters == PLAYED | recipe.parameters | {"trim_db": -1.0}
    for corner in preset.corners:
        assert corner.pitches == PITCHES[corner.name] and corner.velocities == STORED_VELOCITIES  # not ALONE


def test_every_corner_of_every_preset_plays(made, instrument):
    checkpoint = checkpoints.read(instrument.weights)
    config = checkpoint.config
    sounds = [Sound.from_preset(read_preset(made[0] / f"{recipe.name}.manifold"), config) for recipe in RECIPES]
    takes = [Take(replace(sound, pad=point), 60, 100, 0.3, 0.1) for sound in sounds for point in POINTS]
    for audio in play(takes, open_decoder(checkpoint, len(takes))):
        assert np.isfinite(audio).all() and 1e-3 < np.abs(audio).max() <= 1


def test_made_again_in_another_way_it_has_the_same_bytes(made, notes, instrument, tmp_path):
    """By another number of processes, from notes in another order, over sounds that no preset names."""
    (tmp_path / "sounds").mkdir()
    (tmp_path / "sounds" / ("0" * 64)).write_bytes(b"left from another model")
    order = np.random.default_rng(0).permutation(len(notes.pitch))
    make_factory(rows(notes, order), instrument.weights, tmp_path, TINY, processes=1, balance=quieter)
    assert content(tmp_path) == made[1]


def rows(notes, chosen):
    fields = ("audio", "scale", "pitch", "velocity", "instrument")
    return replace(notes, **{field: getattr(notes, field)[chosen] for field in fields})


def test_notes_that_lack_an_instrument_are_refused_before_anything_is_written(notes, instrument, tmp_path):
    lacking = replace(TINY, recipes=(*RECIPES, Recipe("Four", (), ("cello", "cello", "flute", "harp"))))
    with pytest.raises(ModelError, match="notes have no harp at velocities"):
        make_factory(notes, instrument.weights, tmp_path / "new", lacking)
    with pytest.raises(ModelError, match=r"nowhere\.safetensors: no such file"):
        make_factory(notes, tmp_path / "nowhere.safetensors", tmp_path / "new", TINY)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("shipped", [False, True])
def test_only_what_is_to_ship_is_written_where_the_program_finds_it(manifold, monkeypatch, shipped):
    done = []
    monkeypatch.setattr("models.data.notes.read_notes", lambda path: path)
    monkeypatch.setattr(workshop, "make_factory", lambda notes, weights, bank: done.append(bank))
    monkeypatch.setattr(workshop, "ship", lambda bank: done.append(bank))
    assert manifold("factory", "--bank", "small", "--ship" if shipped else "--drafts").status == 0
    assert done == [BANKS["small"]] * (1 + shipped)
    assert not any(bank.folder == DRAFTS for bank in BANKS.values())


def test_the_command_balances_a_bank_again_and_makes_none(manifold, monkeypatch):
    done = []
    monkeypatch.setattr(workshop, "balance_again", done.append)
    monkeypatch.setattr(workshop, "make_factory", lambda *_, **__: pytest.fail("it made presets"))
    assert manifold("factory", "--balance", "--bank", "small").status == 0
    assert done == [BANKS["small"]]


def test_the_weights_carry_the_ranges_of_these_sounds(made, instrument):
    before, after = (checkpoints.read(path) for path in (instrument.weights, made[0] / WEIGHTS))
    assert after.fingerprint == before.fingerprint and after.origin == before.origin
    assert after.ranges.shape == (before.config.layers,) and before.ranges is None


def test_shipping_leaves_no_other_presets_and_sounds(made, tmp_path):
    make_old = tmp_path / "factory"
    (make_old / "sounds").mkdir(parents=True)
    (make_old / "Old.manifold").write_bytes(b"of other weights")
    (make_old / "sounds" / ("0" * 64)).write_bytes(b"and its sound")
    ship(made[0], replace(TINY, folder=make_old, weights=tmp_path / "default.safetensors"))
    expected = dict(made[1])
    assert (tmp_path / "default.safetensors").read_bytes() == expected.pop(WEIGHTS)
    assert content(make_old) == expected


def test_balanced_again_presets_have_new_levels_and_their_old_sounds(made, tmp_path):
    bank = replace(TINY, folder=tmp_path / "factory", weights=tmp_path / "default.safetensors")
    ship(made[0], bank)
    before = content(bank.folder)
    balance_again(bank, lambda preset, decoder: replace(preset, parameters=preset.parameters | {"trim_db": 2.0}))
    after = content(bank.folder)
    assert sorted(after) == sorted(before)
    for name, raw in after.items():
        if name.endswith(SUFFIX):
            preset, old = read_preset(bank.folder / name), read_preset(made[0] / name)
            assert preset.parameters == old.parameters | {"trim_db": 2.0}
            assert encode(replace(preset, parameters=old.parameters)) == encode(old)
        else:
            assert raw == before[name]


@pytest.mark.parametrize("bank", BANKS)
def test_what_ships_is_what_the_recipes_say(bank):
    bank = BANKS[bank]
    shipped = {path.stem: read_preset(path) for path in bank.folder.glob(f"*{SUFFIX}")}
    assert sorted(shipped) == sorted(recipe.name for recipe in bank.recipes)
    for recipe in bank.recipes:
        preset = shipped[recipe.name]
        assert (preset.tags, preset.pad) == (recipe.tags, recipe.pad)
        assert preset.model == checkpoints.read(bank.weights).fingerprint
        assert tuple(corner.name for corner in preset.corners) == recipe.corners
        assert Library().find(recipe.name).factory
        balanced = {"velocity_curve", "trim_db", "low_key_db"}  # measured, preset by preset
        wanted = bank.parameters | recipe.parameters
        assert wanted.items() - preset.parameters.items() <= {(name, wanted.get(name)) for name in balanced}
