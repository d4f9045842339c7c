"""Side by side: every sound with every instrument, at its pitch and level, and a page that plays them."""

import numpy as np
import soundfile

from models.evaluation.estimators.pitch import cents, estimate_f0
from models.pretrained import DEFAULT
from synthapp.audition.beside import FULL_HZ, from_file, show
from synthapp.figures.album import PAPER


def test_a_file_is_played_at_its_pitch_and_level_beside_itself(tmp_path):
    seconds = np.arange(FULL_HZ) / FULL_HZ
    wave = 0.3 * sum(np.sin(2 * np.pi * 330.0 * k * seconds) / k for k in range(1, 6)) * np.exp(-2 * seconds)
    soundfile.write(tmp_path / "reed <1>.wav", wave, FULL_HZ)
    page = show([from_file(tmp_path / "reed <1>.wav")], [DEFAULT], tmp_path / "out")
    text = page.read_text()
    assert "reed &lt;1&gt;" in text and "<title>Side by side</title>" in text and PAPER.title not in text
    recorded, played = (soundfile.read(path)[0] for path in sorted((tmp_path / "out").rglob("*.wav")))
    assert len(recorded) == len(played) and len(list((tmp_path / "out").rglob("*.png"))) == 3
    for audio in (recorded, played):
        assert abs(cents(estimate_f0(audio[: FULL_HZ // 2], FULL_HZ, 330.0), 330.0)) < 5.0
    assert abs(20 * np.log10(played.std() / recorded.std())) < 1.0


def test_where_no_pitch_is_found_the_named_one_is_taken(tmp_path):
    noise = np.random.default_rng(0).normal(0.0, 0.1, FULL_HZ)
    soundfile.write(tmp_path / "hiss.wav", noise, FULL_HZ)
    found = from_file(tmp_path / "hiss.wav", note_hz=123.0)
    assert found.f0_hz == 123.0 and found.title == "hiss"
