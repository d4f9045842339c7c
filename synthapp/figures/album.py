"""The folder of figures: pictures, sounds, and one page that shows and plays them all. Everything links relatively."""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from string import Template

import msgspec
import numpy as np
from scipy.io import wavfile

from common.atomic import replacing
from common.errors import SynthError

_DPI = 110
_FULL_SCALE = 32767
_CELL, _ALONE = (2.1, 2.0), (3.2, 2.4)  # inches of a picture among others, and of one by itself

Grid = list[tuple[str, list[tuple[str, np.ndarray]]]]  # rows: their title, and title and sound of each column


@dataclass(frozen=True)
class Book:
    """What stands at the head of the page."""

    title: str
    text: str


PAPER = Book(
    'Figures of "Neural Audio Synthesis of Musical Notes with WaveNet Autoencoders", made here',
    'After Engel et al. 2017, "Neural Audio Synthesis of Musical Notes with WaveNet Autoencoders". Brightness is the'
    " level, from 70 dB below the loudest; colour is how fast the phase moves, so a steady partial keeps its colour.",
)


class Sound(msgspec.Struct, frozen=True):
    """One that is heard beside a figure; picture is empty where it has none of its own."""

    title: str
    row: str
    audio: str  # file, relative to the folder
    picture: str = ""


class Figure(msgspec.Struct, frozen=True):
    """What the page says of one: its number in the paper or 0, the paper's words in ours, what it was made of.

    Files are relative.
    """

    number: int
    title: str
    text: str
    made_of: str
    picture: str
    sounds: tuple[Sound, ...] = ()


@dataclass
class Album:
    """folder : created where it is not there; rate : of all sounds; number : see Figure"""

    folder: Path
    rate: int
    number: int = 0
    book: Book = PAPER
    _sounds: list[Sound] = field(default_factory=list)

    def __post_init__(self):
        try:
            (self.folder / self._name).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SynthError(f"{self.folder}: {error.strerror}; choose another folder") from error

    @property
    def _name(self):
        return f"fig{self.number}"

    def add(self, title: str, row: str, audio: np.ndarray, figure=None) -> None:
        """A sound, and its picture (matplotlib's Figure) if it has one. row : what stands in one line on the page"""
        stem = f"{self._name}/{len(self._sounds) + 1:02d}-{_slug(f'{row} {title}')}"
        samples = np.rint(np.clip(audio, -1.0, 1.0) * _FULL_SCALE).astype(np.int16)
        with replacing(self.folder / f"{stem}.wav") as temporary:
            wavfile.write(temporary, self.rate, samples)
        if figure is not None:
            save(figure, self.folder / f"{stem}.png")
        self._sounds.append(Sound(title, row, f"{stem}.wav", f"{stem}.png" if figure is not None else ""))

    def put(self, title: str, text: str, made_of: str, rows: Grid, draw: Callable[..., None]) -> Path:
        """All sounds, each with its own picture, and the whole as one. returns : the page

        draw : what draws a sound: (axes of matplotlib's, audio, rate, title)
        """
        from matplotlib.figure import Figure as Drawing

        columns = max(len(cells) for _, cells in rows)
        size = (_CELL[0] * columns + 0.6, _CELL[1] * len(rows) + 0.3)
        whole = Drawing(figsize=size, layout="constrained")
        axes = whole.subplots(len(rows), columns, squeeze=False)
        for (row, cells), line in zip(rows, axes, strict=True):
            for cell in line[len(cells) :]:
                cell.set_axis_off()
            for (name, audio), cell in zip(cells, line, strict=False):
                draw(cell, audio, self.rate, name)
                alone = Drawing(figsize=_ALONE, layout="constrained")
                draw(alone.subplots(), audio, self.rate, "")
                self.add(name, row, audio, alone)
            line[0].set_ylabel(row, fontsize=8)
        return self.close(title, text, made_of, whole)

    def close(self, title: str, text: str, made_of: str, whole) -> Path:
        """Write the whole figure, and the page with all figures of the folder. returns : the page"""
        save(whole, self.folder / f"{self._name}.png")
        figure = Figure(self.number, title, text, made_of, f"{self._name}.png", tuple(self._sounds))
        with replacing(self.folder / f"{self._name}.json") as temporary:
            temporary.write_bytes(msgspec.json.format(msgspec.json.encode(figure), indent=1))
        figures = [_read(path) for path in sorted(self.folder.glob("fig[0-9].json"))]
        with replacing(self.folder / "index.html") as temporary:
            temporary.write_text(page(figures, self.book), encoding="utf-8")
        return self.folder / "index.html"


def save(figure, path: Path) -> None:
    """A PNG. figure : matplotlib's"""
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=_DPI, format="png")


def page(figures: list[Figure], book: Book) -> str:
    """The HTML of the whole album."""
    title, text = html.escape(book.title), html.escape(book.text)
    return _PAGE.substitute(title=title, text=text, sections="\n".join(map(_section, figures)))


def _section(figure):
    rows: dict[str, list[Sound]] = {}
    for sound in figure.sounds:
        rows.setdefault(sound.row, []).append(sound)
    lines = "\n".join(
        f'<h3>{html.escape(row)}</h3>\n<div class="row">{"".join(map(_cell, sounds))}</div>'
        for row, sounds in rows.items()
    )
    title = f"Figure {figure.number}: {figure.title}" if figure.number else figure.title
    return _SECTION.substitute(
        title=html.escape(title), text=html.escape(figure.text), made_of=html.escape(figure.made_of),
        picture=html.escape(figure.picture), rows=lines,
    )  # fmt: skip


def _cell(sound):
    title, audio, picture = (html.escape(each) for each in (sound.title, sound.audio, sound.picture))
    shown = f'<img src="{picture}" alt="Picture of the sound: {title}">' if picture else ""
    return (
        f'<figure>{shown}<figcaption>{title}</figcaption><audio controls preload="none" src="{audio}"></audio></figure>'
    )


def _read(path):
    try:
        return msgspec.json.decode(path.read_bytes(), type=Figure)
    except msgspec.MsgspecError as error:
        raise SynthError(f"{path}: {error}; remove it, and make that figure again") from error


def _slug(text):
    return re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")[:60]


_SECTION = Template("""<section>
<h2>$title</h2>
<p>$text</p>
<p class="made">$made_of</p>
<img class="whole" src="$picture" alt="$title">
$rows
</section>""")

_PAGE = Template("""<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>$title</title>
<style>
body { font: 15px/1.5 sans-serif; color: #222; max-width: 1100px; margin: 2em auto; padding: 0 1em; }
h2 { margin-top: 2.5em; } h3 { font-size: 1em; margin: 1.2em 0 .3em; }
.made { color: #666; font-size: 13px; } .whole { max-width: 100%; border: 1px solid #ddd; }
.row { display: flex; flex-wrap: wrap; gap: 12px; }
figure { margin: 0; width: 210px; } figure img { width: 100%; cursor: pointer; } audio { width: 100%; height: 32px; }
figcaption { font-size: 13px; }
</style>
<h1>$title</h1>
<p>$text A click on a picture plays it.</p>
$sections
<script>
for (const image of document.querySelectorAll("figure img"))
  image.onclick = () => {
    const audio = image.parentElement.querySelector("audio");
    audio.paused ? audio.play() : audio.pause();
  };
document.addEventListener("play", event => {
  for (const audio of document.querySelectorAll("audio")) if (audio !== event.target) audio.pause();
}, true);
</script>
</html>
""")
