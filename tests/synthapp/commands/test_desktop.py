"""The entry in the desktop's menu: written for the user, read as a desktop reads it, taken away again."""

import configparser
import re
import shlex
import shutil
import subprocess
import sys
from xml.etree import ElementTree

import pytest

from common.paths import ICON
from synthapp.commands.desktop import ENTRY, _escaped, _quoted
from tests.paths import ROOT

ODD = ["/opt/a b/100%/py", "$HOME", '"quoted"', "back\\slash", "`tick`"]


def read(path):
    """The keys of an entry."""
    parser = configparser.RawConfigParser()
    parser.optionxform = str
    parser.read_string(path.read_text())
    return dict(parser["Desktop Entry"])


def test_entry_and_icon_are_the_users(manifold, tmp_path):
    outcome = manifold("desktop")
    assert (outcome.status, outcome.err) == (0, "")
    keys = read(tmp_path / "data" / "applications" / "manifold.desktop")
    assert shlex.split(keys["Exec"]) == [sys.executable, str(ROOT / "app.py")]
    assert keys["TryExec"] == sys.executable
    icon = tmp_path / "data" / "icons" / "hicolor" / "scalable" / "apps" / f"{keys['Icon']}.svg"
    assert icon.read_bytes() == ICON.read_bytes()


def test_removed_nothing_is_left(manifold, tmp_path):
    manifold("desktop")
    for _ in range(2):  # twice does no harm
        assert manifold("desktop", "--remove").status == 0
        assert not [path for path in (tmp_path / "data").rglob("*") if path.is_file()]


def test_a_folder_that_cannot_be_made_is_named_in_one_line(manifold, tmp_path):
    (tmp_path / "data").write_text("a file")
    outcome = manifold("desktop")
    assert outcome.status == 1 and outcome.err.count("\n") == 1 and str(tmp_path / "data") in outcome.err


def test_a_path_with_odd_letters_comes_back_whole():
    """Undone as the specification has it: first as any text, then as quoted arguments, then the per cent signs."""
    line = " ".join(_quoted(part) for part in ODD).replace("\\\\", "\\")
    parts = re.findall(r'"((?:\\.|[^"\\`$])*)"', line)
    assert [re.sub(r"\\(.)", r"\1", part).replace("%%", "%") for part in parts] == ODD


def test_the_desktops_own_judge_has_no_complaint(tmp_path):
    if shutil.which("desktop-file-validate") is None:
        pytest.skip("desktop-file-validate is not installed: apt install desktop-file-utils")
    path = tmp_path / "manifold.desktop"
    path.write_text(ENTRY.format(command=" ".join(map(_quoted, ODD)), program=_escaped(ODD[0])))
    done = subprocess.run(["desktop-file-validate", path], capture_output=True, text=True)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_icon_scales_and_shows_four_colours(qapp):
    from PySide6.QtGui import QIcon

    assert ElementTree.parse(ICON).getroot().get("viewBox") == "0 0 128 128"
    image = QIcon(str(ICON)).pixmap(256, 256).toImage()
    side = image.width()
    corners = [image.pixelColor(x, y) for x in (side // 6, side * 5 // 6) for y in (side // 6, side * 5 // 6)]
    assert len({color.name() for color in corners}) == 4
    assert all(color.alpha() == 255 and color.saturation() > 80 for color in corners)
