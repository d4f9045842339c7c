"""The command line: python -m models.data."""

import sys

import pytest

from models.data import __main__ as command
from tests.models.data.font_writer import write_font


@pytest.fixture
def data(monkeypatch, capsys):
    """Call it as a user would: data("check", path) -> (status, out, err)."""

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["data", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            command.main()
        code = ended.value.code
        out, err = capsys.readouterr()
        return (code or 0, out, err) if isinstance(code, int | None) else (1, out, code)

    return call


def test_render_then_check(data, tmp_path, caplog):
    font, folder = write_font(tmp_path / "sine.sf2", (0, 73)), tmp_path / "notes"
    options = ("--programs", "flute", "0", "73", "oboe", "--step", "36", "--velocities", "100", "100")
    status, out, _ = data("render", font, "-o", folder, *options)
    assert status == 0
    assert f"5 notes in {folder}/train, 0 notes in {folder}/valid" in out
    assert caplog.messages == ["sine.sf2: no program 68 (oboe), skipped"]
    status, out, _ = data("check", folder)
    assert status == 0
    assert f"{folder}/train: 5 notes, 2 instruments, 0 corrupt" in out
    assert "  family   flute: 2, keyboard: 3\n" in out
    assert "  velocity 100: 5\n" in out
    (folder / "train" / "audio" / "flute_acoustic_073-060-100.wav").write_bytes(b"")
    status, out, _ = data("check", folder / "train")
    assert status == 1
    assert f"{folder}/train: 4 notes, 2 instruments, 1 corrupt" in out
    assert "flute_acoustic_073-060-100.wav cannot be read" in out


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("check", "nowhere"), "data: notes nowhere: has neither"),
        (("render", "-o", "x", "--step", "0"), "data: --step 0: at least 1"),
        (("render", "-o", "x", "--velocities", "64", "128"), "data: --velocities 128: from 1 to 127"),
        (("render", "-o", "x", "--programs", "theremin"), "data: program 'theremin': not among"),
        (("render", "no.sf2", "-o", "x"), "data: sound font no.sf2: cannot be read"),
    ],
)
def test_wrong_input_is_one_clear_line(data, tmp_path, monkeypatch, arguments, line):
    monkeypatch.chdir(tmp_path)
    status, _, err = data(*arguments)
    assert status == 1
    assert err.startswith(line) and "\n" not in err
    assert not list(tmp_path.iterdir())
