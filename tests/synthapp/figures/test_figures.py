"""The paper's figures: what the pictures show is what the notes are, and the page stands by itself."""

import pickle
import re

import numpy as np
import pytest
from scipy.io import wavfile

from common.errors import ModelError
from models import checkpoints
from models.baseline.config import BaselineConfig, baseline_shapes
from models.data.nsynth import RATE
from synthapp.figures import comparisons, correlation, rainbowgram
from synthapp.figures.choice import common_pitch, family_of, instruments_of, note_of
from synthapp.sounds.factory.sources import FontNotes, SetNotes, open_notes
from tests.synthapp.figures.worlds import INSTRUMENTS, SAMPLES, Mirror, tone, write_folder, write_records

pytestmark = pytest.mark.filterwarnings("ignore:n_fft")  # the notes are shorter than the lowest octave's windows


@pytest.fixture
def blank(monkeypatch):
    """Pictures are not drawn."""
    monkeypatch.setattr("synthapp.figures.rainbowgram.draw", lambda *_: None)
    monkeypatch.setattr("synthapp.figures.album.save", lambda figure, path: path.write_bytes(b"a picture"))


@pytest.fixture(autouse=True)
def short_notes(monkeypatch):
    for place in ("models.data.nsynth", "models.data.catalogue"):
        monkeypatch.setattr(f"{place}.SAMPLES", SAMPLES)


@pytest.fixture
def notes(tmp_path):
    """Four instruments at three pitches, as TFRecords."""
    return SetNotes.read(write_records(tmp_path / "notes.tfrecord", (55, 60, 66)), pytest.fail)


def heard(folder, pattern):
    """float (samples,) of the one WAV file whose name has this in it."""
    (path,) = [path for path in folder.rglob("*.wav") if re.search(pattern, path.name)]
    rate, samples = wavfile.read(path)
    assert rate == RATE
    return samples / 32767


def test_a_rainbowgram_shows_pitch_level_and_phase():
    audio = sum(tone(key, 40.0, RATE) for key in (57, 69))  # nearly sines
    values = rainbowgram.transform(audio.astype(np.float32), RATE)
    assert values.shape == (240, RATE // 256 + 1)
    bright, hue = rainbowgram.brightness(values), rainbowgram.colour(values)
    middle = slice(20, 40)
    rows = np.argsort(-bright[:, middle].mean(1))[:2]
    assert sorted(rows) == [round(40 * (key - 36) / 12) for key in (57, 69)]
    for key, row in zip((57, 69), sorted(rows), strict=True):
        steady = (2 * 440 * 2 ** ((key - 69) / 12) * 256 / RATE + 1) % 2 - 1  # half turns of the phase in a hop
        assert hue[row, middle] == pytest.approx(steady, abs=0.01)
    assert bright.max() == 1.0 and bright.min() == 0.0
    assert not rainbowgram.picture(np.zeros(4096, np.float32), RATE).any()


def test_instruments_are_taken_by_name_then_by_family_and_each_once(notes):
    assert instruments_of(notes, comparisons.FIG3, None) == list(INSTRUMENTS[:3])
    assert instruments_of(notes, (("flute",), ("flute",)), None)[0] == INSTRUMENTS[1]
    assert len(set(instruments_of(notes, (("flute",),) * 4, None))) == 4
    assert family_of("piccolo") == "flute" and family_of("nothing") == ""
    assert common_pitch(notes, INSTRUMENTS, 62) == 60 and note_of(notes, INSTRUMENTS[0], 90).pitch == 66
    with pytest.raises(ModelError, match="4 instruments"):
        instruments_of(notes, (("flute",),) * 5, None)
    with pytest.raises(ModelError, match="no 'kazoo'"):
        instruments_of(notes, comparisons.FIG3, ["kazoo"])


def test_half_way_in_z_is_half_way_and_the_page_stands_by_itself(notes, tmp_path, blank):
    page = comparisons.interpolations(notes, [Mirror()], tmp_path / "album", None)
    mixed, between = heard(page.parent, "mixed.*bass.*flute"), heard(page.parent, "half-way.*bass.*flute")
    assert np.array_equal(mixed, between) and np.abs(mixed).max() > 0.05
    expected = (tone(60, 1) + tone(60, 2)) / 2
    assert np.abs(mixed - expected).max() < 1e-4
    text = page.read_text()
    links = re.findall(r'(?:src|href)="([^"]+)"', text)
    assert len(links) > 20 and not [link for link in links if not (page.parent / link).is_file()]
    assert not [link for link in links if link.startswith(("/", "http", "file"))]
    assert {path.name for path in page.parent.iterdir()} == {"index.html", "fig3", "fig3.png", "fig3.json"}


def test_one_embedding_is_played_at_a_chord(notes, tmp_path, blank):
    mirror = Mirror()
    comparisons.pitches(notes, [mirror], tmp_path, ["keyboard_electronic_004"])
    assert np.round(69 + 12 * np.log2(np.array(mirror.asked_hz) / 440)).tolist() == [60, 64, 67, 72, 76, 79, 84]
    mirror.told_pitch = False
    with pytest.raises(ModelError, match="not told the pitch"):
        comparisons.pitches(notes, [mirror], tmp_path, None)


def test_correlations_are_pearsons_and_gaps_are_left_out():
    rng = np.random.default_rng(7)
    some = {key: rng.standard_normal((5, 3)) for key in (21, 60, 61, 108, 20)}
    matrix = correlation.correlations(some)
    x, y = some[60].ravel(), some[61].ravel()
    r = ((x - x.mean()) * (y - y.mean())).mean() / (x.std() * y.std())
    assert matrix[39, 40] == pytest.approx(r) and matrix[0, 0] == pytest.approx(1) and np.isfinite(matrix).sum() == 16
    drawn = correlation.spread(matrix)
    assert drawn[41, 38] == matrix[40, 39] and drawn[42, 39] == matrix[40, 39]
    assert drawn[0, 2] == matrix[0, 0] and np.isnan(drawn[0, 3]) and np.isnan(drawn[44, 44])
    alone = np.full_like(matrix, np.nan)
    alone[39, 40] = 0.5
    mean = correlation.mean_of([matrix, alone])
    assert mean[39, 40] == pytest.approx((r + 0.5) / 2) and mean[0, 87] == matrix[0, 87] and np.isnan(mean[1, 1])


@pytest.fixture
def baseline(tmp_path, monkeypatch):
    """Weights of a small spectral baseline, drawn."""
    monkeypatch.setattr("synthapp.figures.systems.ITERATIONS", 2)
    config, chance = BaselineConfig(latent=8, width=4), np.random.default_rng(2)
    shapes = baseline_shapes(config).items()
    weights = {name: np.abs(chance.standard_normal(shape) / 4).astype(np.float32) for name, shape in shapes}
    checkpoints.write(tmp_path / "spectral.safetensors", config, weights)
    return tmp_path / "spectral.safetensors"


def test_the_commands_make_figures_of_a_hundred_notes_in_both_forms(manifold, instrument, baseline, tmp_path):
    pitches = range(48, 73)
    folder, album = write_folder(tmp_path / "notes", pitches), tmp_path / "album"
    outcome = manifold("paper", "fig5", "--notes", folder, "--weights", instrument.weights, "-o", album, "--most", "4")
    assert (outcome.status, outcome.err) == (0, ""), outcome
    records = write_records(tmp_path / "notes.tfrecord", pitches)
    both = ("--weights", instrument.weights, "--weights", baseline)
    outcome = manifold("paper", "fig2", "--notes", records, *both, "-o", album)
    assert outcome.status == 0 and outcome.out.endswith("open it in a browser\n"), outcome
    text = (album / "index.html").read_text()
    assert text.index("Figure 2") < text.index("Figure 5") and "Models: tiny, spectral." in text
    assert (album / "fig5.png").stat().st_size > 10000 and len(list((album / "fig2").glob("*.png"))) == 9


def test_weights_that_have_no_pitch_input_are_refused_in_one_line(manifold, small_checkpoint, tmp_path):
    records = write_records(tmp_path / "notes.tfrecord", (60,))
    outcome = manifold("paper", "fig4", "--notes", records, "--weights", small_checkpoint, "-o", tmp_path / "album")
    assert outcome.status == 1 and outcome.err.count("\n") == 1 and "not told the pitch" in outcome.err


def test_without_notes_of_ones_own_the_sound_font_is_played_as_nsynths_notes_are():
    softer, loud = (open_notes(None, None, velocity).sound("flute", 72) for velocity in (60, 127))
    assert softer.shape == loud.shape == (4 * RATE,)
    assert np.abs(loud).max() > 2 * np.abs(softer).max()


def test_a_sound_font_goes_to_another_process_as_it_is():
    notes = pickle.loads(pickle.dumps(FontNotes("a.sf2", rate=32000, velocity=60)))
    assert notes == FontNotes("a.sf2", rate=32000, velocity=60)
