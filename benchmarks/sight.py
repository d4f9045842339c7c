"""What the tab that shows what sounds costs the window, and whether anything is dropped while it runs.

python -m benchmarks.sight [--seconds 20] [--size 1280x800] [--picture FILE.png]

Plays chords with the pad moving, in turn with the tab folded away and open. The window is drawn offscreen, so what an
X server or a compositor takes comes on top. CPU time is that of the window's process; xruns are the engine's.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication  # noqa: E402

from engine.client import EngineClient  # noqa: E402
from engine.commands import NoteOff, NoteOn, SetPad  # noqa: E402
from presets.library import Library  # noqa: E402
from synthapp.autosave import Autosave  # noqa: E402
from synthapp.settings import SettingsFile  # noqa: E402
from synthapp.views import theme  # noqa: E402
from synthapp.window import Window  # noqa: E402

CHORDS = (48, 60, 64, 67), (45, 57, 60, 64), (41, 53, 57, 60), (43, 55, 59, 62)
CHORD_S = 1.5
PASSES = 3


def open_window(folder: Path, client, size: tuple[int, int]) -> Window:
    """A window of its own settings and library, on what the engine plays."""
    settings = SettingsFile(folder)
    settings.change(sight=True, strip=True)
    window = Window(client, Library(folder / "presets"), Autosave(folder / "state"), settings=settings)
    window.open_first(None)
    window.resize(*size)
    window.show()
    window.strip._choose(len(window.strip.tabs) - 1)
    window.start()
    return window


def play(application, window, seconds: float) -> tuple[float, int, int]:
    """(share of a core that this process took, xruns, pictures) while chords are played."""
    client = window.client
    sounding: tuple[int, ...] = ()
    pictures, painted = 0, window.sight.rainbow._next
    first_xruns, cpu, begin = client.telemetry().xruns, time.process_time(), time.monotonic()
    chord = -1
    while (passed := time.monotonic() - begin) < seconds:
        application.processEvents()
        time.sleep(0.002)
        pictures += window.sight.rainbow._next != painted
        painted = window.sight.rainbow._next
        if int(passed / CHORD_S) != chord:
            chord = int(passed / CHORD_S)
            for note in sounding:
                client.send(NoteOff(note))
            sounding = CHORDS[chord % len(CHORDS)]
            for note in sounding:
                client.send(NoteOn(note, 100))
        client.send(SetPad(0.5 + 0.4 * ((passed / 4) % 1), 0.3))
    taken = (time.process_time() - cpu) / seconds
    for note in sounding:
        client.send(NoteOff(note))
    return taken, client.telemetry().xruns - first_xruns, pictures


def wait_for_sound(application, client, patience_s: float = 60.0) -> None:
    """Until a preset is loaded."""
    end = time.monotonic() + patience_s
    while not client.telemetry().preset and time.monotonic() < end:
        application.processEvents()
        time.sleep(0.02)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=20.0, help="of each measurement")
    parser.add_argument("--size", default="1280x800", help="of the window, in pixels")
    parser.add_argument("--picture", type=Path, help="of the window while it plays")
    wish = parser.parse_args()
    application = QApplication([])
    theme.apply(application)
    client = EngineClient()
    client.start()
    shares: dict[bool, list[float]] = {False: [], True: []}
    dropped = {False: 0, True: 0}
    with tempfile.TemporaryDirectory() as folder:
        width, height = (int(side) for side in wish.size.split("x"))
        window = open_window(Path(folder), client, (width, height))
        try:
            wait_for_sound(application, client)
            play(application, window, 2.0)
            for _ in range(PASSES):
                for is_open in (False, True):
                    window.strip.set_open(is_open)
                    share, xruns, pictures = play(application, window, wish.seconds / PASSES)
                    shares[is_open].append(share)
                    dropped[is_open] += xruns
            if wish.picture:
                window.grab().save(str(wish.picture))
        finally:
            window.close()
            client.stop()
    closed, opened = (sorted(shares[each])[PASSES // 2] for each in (False, True))
    per_s = pictures / (wish.seconds / PASSES)
    print(f"{wish.size}: window {closed:.1%} of a core folded away, {opened:.1%} open: {opened - closed:+.1%}")
    print(f"{per_s:.0f} pictures a second; xruns {dropped[False]} folded away, {dropped[True]} open")


if __name__ == "__main__":
    main()
