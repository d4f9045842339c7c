"""The command, and its preset clicked in a running engine: frozen and live in turn."""

import shutil
from dataclasses import replace

import pytest

from engine.client import EngineClient
from engine.commands import LoadPreset, NoteOff, NoteOn, SetPad
from engine.decoder.protocol import DecoderChoice
from models import checkpoints
from models.checkpoints.source import Source
from presets.file import read_preset, write_preset
from tests.engine.waiting import wait_until


@pytest.fixture
def live(instrument, tmp_path):
    """The tiny preset, which says for which weights it is."""
    model = checkpoints.read(instrument.weights).fingerprint
    write_preset(replace(read_preset(instrument.preset), model=model), tmp_path / "tiny.manifold")
    return tmp_path / "tiny.manifold"


@pytest.fixture
def freeze(manifold, instrument, live, tmp_path):
    """Freeze it with these options."""

    def call(*options):
        given = ("--weights", instrument.weights, "--cores", 1, "-o", tmp_path / "frozen", *options)
        return manifold("freeze", live, *given)

    return call


def test_the_command_writes_what_it_says_and_the_window_plays_it_by_click(freeze, instrument, live, tmp_path):
    outcome = freeze("--grid", "3", "--keys", "58-62:4")
    assert outcome.status == 0 and outcome.out.startswith("Tiny: 18 notes of 0.5 s, 18 at once: about")
    names = {path.name for path in (tmp_path / "frozen").iterdir()}
    assert names == {"Tiny frozen.manifold", "Tiny frozen.safetensors", "Tiny frozen.sfz", "samples"}
    path = tmp_path / "data" / "manifold" / "presets" / "Tiny frozen.manifold"

    choice = DecoderChoice("cpu", "float32", 1)
    client = EngineClient(
        Source(str(instrument.weights)), preset=str(live), decoder=choice, polyphony=2,
        audio="no such device", midi="no such port",
    )  # fmt: skip
    client.start()
    try:
        wait_until(lambda: client.telemetry().preset == "Tiny", "the live preset")
        for name, file in (("Tiny frozen", path), ("Tiny", live), ("Tiny frozen", path)):
            client.send(LoadPreset(str(file)))
            wait_until(lambda name=name: client.telemetry().preset == name, name)
            client.send(SetPad(0.3, 0.6))
            client.send(NoteOn(60, 100))
            wait_until(lambda: max(client.telemetry().peak) > 1e-4, "sound")
            client.send(NoteOff(60))
        assert not client.telemetry().notice.count("weights") and client.restarts == 0
    finally:
        client.stop()


def test_a_draft_has_four_points_and_six_keys(freeze):
    assert freeze("--draft").out.startswith("Tiny: 24 notes of")


def test_a_shard_that_is_not_the_first_leaves_the_rest_to_it(freeze, monkeypatch, tmp_path):
    monkeypatch.setenv("WORLD_SIZE", "2")
    for rank, keys in (("1", 1), ("0", 2)):
        monkeypatch.setenv("RANK", rank)
        outcome = freeze("--grid", "2", "--keys", "48-72:12")
        assert outcome.status == 0 and f"Tiny: {4 * keys} notes" in outcome.out
        assert (tmp_path / "frozen" / "Tiny frozen.sfz").exists() == (rank == "0")


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (("--keys", "84-36"), "'84-36': keys are MIDI numbers from 0 to 127, the lower one first"),
        (("--keys", "low"), "'low' is not LOW-HIGH:STEP, such as 36-84:4"),
        (("--grid", "1"), "greater than or equal to 2"),
    ],
)
def test_wrong_usage_is_told(freeze, options, line):
    outcome = freeze(*options)
    assert outcome.status == 2 and line in " ".join(outcome.err.replace("│", " ").split())


def test_what_is_frozen_already_is_not_frozen_again(freeze, manifold, tmp_path):
    freeze("--draft")
    folder = tmp_path / "frozen"
    notes = folder / "Tiny frozen.safetensors"
    outcome = manifold("freeze", folder / "Tiny frozen.manifold", "--weights", notes, "-o", folder, "--draft")
    assert outcome.status == 1
    assert outcome.err == "manifold: preset 'Tiny frozen' is frozen already; freeze the one that it was made of\n"


def test_a_preset_is_frozen_with_the_weights_that_it_names(manifold, live, instrument, tmp_path):
    """As it is rendered with them; where nobody has them, that is told."""
    outcome = manifold("freeze", live, "--draft", "-o", tmp_path / "frozen")
    assert outcome.status == 1 and "weights" in outcome.err and not (tmp_path / "frozen").exists()
    own = tmp_path / "data" / "manifold" / "weights"
    own.mkdir(parents=True)
    shutil.copy(instrument.weights, own / "tiny.safetensors")
    assert manifold("freeze", live, "--draft", "-o", tmp_path / "frozen").status == 0
