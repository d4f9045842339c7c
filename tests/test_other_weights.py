"""Two real networks in turn, the default instrument and the original's small checkpoint, in one engine process."""

import numpy as np
import pytest

from engine.client import EngineClient
from engine.commands import LoadPreset, NoteOff, NoteOn
from engine.decoder.protocol import DecoderChoice
from models import checkpoints
from presets.file import write_preset
from presets.library import FACTORY, FIRST
from presets.preset import EmbeddingSet, Preset
from tests.engine.waiting import wait_until


@pytest.fixture
def other(tmp_path, monkeypatch, small_checkpoint):
    """A preset for weights that were put into the player's folder."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    checkpoint = checkpoints.read(small_checkpoint)
    folder = tmp_path / "manifold" / "weights"
    folder.mkdir(parents=True)
    checkpoints.write(folder / "small.safetensors", *checkpoint.network)
    latents = np.random.default_rng(0).standard_normal((1, 1, 8, checkpoint.config.latent)).astype(np.float32)
    sound = EmbeddingSet("random", latents, loop=(2, 5), release=6)
    write_preset(Preset("Other", (sound,) * 4, model=checkpoint.fingerprint), tmp_path / "other.manifold")
    return str(tmp_path / "other.manifold")


def test_presets_of_two_networks_are_played_in_turn_by_one_process(other):
    choice = DecoderChoice("cpu", "float32", 1)
    first = str(FACTORY / f"{FIRST}.manifold")
    client = EngineClient(preset=first, decoder=choice, polyphony=2, audio="no such device", midi="no such port")
    seen = []

    def until(condition, what):
        def met():
            seen.append(client.telemetry())
            return condition(seen[-1])

        wait_until(met, what)

    client.start()
    try:
        until(lambda telemetry: telemetry.preset == FIRST, "the first preset")
        pid, models = client.pid, {FIRST: seen[-1].model}
        for name, path in (("Other", other), (FIRST, first)) * 2:
            client.send(NoteOn(60, 100))
            until(lambda telemetry: telemetry.voices and max(telemetry.peak) > 1e-4, "a held note")
            client.send(LoadPreset(path))
            until(lambda telemetry, name=name: telemetry.preset == name, name)
            assert not seen[-1].voices  # what was held is released
            assert models.setdefault(name, seen[-1].model) == seen[-1].model
            client.send(NoteOn(64, 100))
            until(lambda telemetry: telemetry.voices and max(telemetry.peak) > 1e-4, "sound at once afterwards")
            assert [voice.note for voice in seen[-1].voices] == [64]
            client.send(NoteOff(64))
        assert models["Other"] != models[FIRST]
        assert client.pid == pid and client.restarts == 0
    finally:
        client.stop()
