"""The song that ships is what its source sequences."""

import io

from songs import minuet
from tests.paths import ROOT


def test_the_file_is_what_the_source_makes_byte_for_byte():
    made = io.BytesIO()
    minuet.sequence().save(file=made)
    assert made.getvalue() == (ROOT / "songs" / "minuet.mid").read_bytes()
