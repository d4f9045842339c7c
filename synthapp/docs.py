"""Tables in the documents, written by the commands that measure and not by hand."""

import os
import shlex
import subprocess
import sys
from datetime import date
from pathlib import Path

from common.atomic import replacing
from common.errors import SynthError
from common.paths import ROOT
from engine.decoder.speed import processor

BEGIN, END = "<!-- table: begin -->", "<!-- table: end -->"


def origin() -> str:
    """One line of Markdown: when, where, of which commit, by which command."""
    command = shlex.join(["app.py", *sys.argv[1:]])
    return f"{date.today()}, {processor()}, {os.cpu_count()} cores; commit {_commit()}; `{command}`"


def check_marks(path: Path) -> None:
    """Before hours of measuring: raises SynthError where the table would find no place in the file."""
    _around_table(path)


def write_table(path: Path, text: str) -> None:
    """Put it between the marks of a file, of which all else stays."""
    before, after = _around_table(path)
    with replacing(path) as temporary:
        temporary.write_text(f"{before}{BEGIN}\n\n{text.strip()}\n\n{END}{after}", encoding="utf-8")


def _around_table(path):
    """The text before and after the marks."""
    text = path.read_text(encoding="utf-8")
    before, begun, rest = text.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not begun or not ended or BEGIN in rest or END in after:
        raise SynthError(f"{path}: no one place for the table; put the lines {BEGIN} and {END} where it is to be")
    return before, after


def _commit():
    command = ["git", "describe", "--always", "--dirty"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return ran.stdout.strip() or "unknown"
