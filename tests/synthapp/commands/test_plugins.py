"""`plugins` and `render --plugin`, as a user gives them."""

import json

import numpy as np
import pytest
import soundfile

from engine.plugins.folders import found, usual_folders

ZAM = any(place.stem == "ZamCompX2" for place in found(usual_folders()))
needs_zam = pytest.mark.skipif(not ZAM, reason="apt install zam-plugins")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Of a plug-in that is none; the only one there is."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("engine.plugins.folders.usual_folders", lambda: ())
    (tmp_path / "vst3").mkdir()
    (tmp_path / "vst3/Broken.vst3").write_bytes(b"no plug-in")
    monkeypatch.setenv("VST3_PATH", str(tmp_path / "vst3"))
    return tmp_path / "vst3"


def test_a_plug_in_that_does_not_load_is_listed_with_the_reason(manifold, folder):
    assert "no plug-in is known" in manifold("plugins").out
    scanned = manifold("plugins", "--scan")
    assert scanned.status == 0 and scanned.out.startswith(f"does not load  {folder / 'Broken.vst3'}: ")
    assert manifold("plugins").out == scanned.out
    (row,) = json.loads(manifold("plugins", "--json").out)
    assert row["description"] is None and row["fault"]
    assert manifold("plugins", "--unblock").out == scanned.out


def test_another_folder(manifold, folder, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/Mine.vst3").touch()
    listed = manifold("plugins", "--scan", "--plugin-path", str(tmp_path / "mine"))
    assert "mine/Mine.vst3" in listed.out.splitlines()[0] and "Broken.vst3" in listed.out


@pytest.mark.parametrize(
    ("wish", "line"),
    [
        ("Nix", "there is none of this name"),
        ("Broken", "plug-in Broken: "),
        ("Broken:=3", "is not NAME or NAME:PARAMETER=VALUE"),
    ],
)
def test_what_cannot_be_had_is_one_line(manifold, folder, tmp_path, wish, line):
    outcome = manifold("render", "-o", str(tmp_path / "out.wav"), "--plugin", wish)
    assert outcome.status != 0 and line in outcome.err and not (tmp_path / "out.wav").exists()


@needs_zam
@pytest.mark.parametrize(
    ("wish", "line"),
    [
        ("zamcompx2:loud=3", "has no parameter 'loud'; choose from wet, current_program, attack"),
        ("zamcompx2:ratio=99", "ratio is '99'; it must be 1 to 20"),
        ("zamcompx2:wet=2", "wet is '2'; it must be 0 to 1"),
        ("zamcompx2:current_program=Nix", "or one of Zero, PoppySnare, VocalLeveller"),
    ],
)
def test_wrong_parameters_are_one_line(manifold, tmp_path, wish, line):
    outcome = manifold("render", "-o", str(tmp_path / "out.wav"), "--plugin", wish)
    assert outcome.status == 1 and line in outcome.err


@needs_zam
@pytest.mark.slow
def test_a_song_through_a_plug_in(manifold, tmp_path, instrument, song):
    tiny = "--preset", instrument.preset, "--weights", instrument.weights

    def rendered(name, *options):
        outcome = manifold("render", song, "-o", tmp_path / name, *tiny, "--no-effects", *options)
        assert outcome.status == 0, outcome.err
        return soundfile.read(tmp_path / name)[0]

    dry = rendered("dry.wav")
    wet = rendered("wet.wav", "--plugin", "ZaMaximX2", "--plugin", "ZamCompX2:makeup=6")
    again = rendered("again.wav", "--plugin", "ZaMaximX2", "--plugin", "ZamCompX2:makeup=6")
    assert np.array_equal(wet, again) and len(wet) > len(dry)
    loud = np.abs(dry) > 0.5 * np.abs(dry).max()
    assert np.corrcoef(wet[: len(dry)][loud], dry[loud])[0, 1] > 0.9  # in time with it
