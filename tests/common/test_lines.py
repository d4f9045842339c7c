"""Whatever a text holds, it is shown as one plain line that is not long."""

from hypothesis import given
from hypothesis import strategies as st

from common.errors import SynthError
from common.lines import LONGEST, one_line


@given(st.text(st.characters(), max_size=2000))
def test_any_text_is_one_short_line_that_can_be_encoded(text):
    line = str(SynthError(text))
    assert line.isprintable() and len(line) <= LONGEST
    line.encode()
    assert len(text) > LONGEST or len(line) == len(text)


def test_plain_text_stays_and_of_a_long_one_both_ends():
    assert one_line("Grüße.wav: 5 kHz – ♭") == "Grüße.wav: 5 kHz – ♭"
    line = one_line("song.mid: " + "x" * 10_000 + "; export it again")
    assert line.startswith("song.mid: ") and line.endswith("; export it again")


def test_what_would_move_the_cursor_or_turn_the_text_is_not_shown():
    assert one_line("a\nb\r\x1b[2J\u202ec\udcff") == "a?b??[2J?c?"
