"""What ALSA's kernel lists of its sequencer; JACK is asked for real in tests/jack."""

import pytest

from engine.live import senders
from engine.live.senders import AlsaSenders

LISTING = """Client info
  cur  clients : 4
  max  clients : 192

Client   0 : "System" [Kernel Legacy]
  Port   0 : "Timer" (Rwe-)
  Port   1 : "Announce" (R-e-)
Client  20 : "Keystation 49" [Kernel Legacy]
  Port   0 : "Keystation 49 MIDI 1" (RWeX) [In/Out]
    Connecting To: 129:0
Client 128 : "VMPK Output" [User Legacy]
  Port   0 : "out" (R-e-) [In]
    Connecting To: 129:0
Client 129 : "Manifold" [User Legacy]
  Port   0 : "in" (-We-) [Out]
    Connected From: 20:0, 128:0[r:0]
Client 130 : "Manifold" [User Legacy]
  Port   0 : "in" (-We-) [Out]
"""


@pytest.fixture
def listing(tmp_path, monkeypatch):
    path = tmp_path / "clients"
    path.write_text(LISTING)
    monkeypatch.setattr(senders, "_ALSA_CLIENTS", path)
    return path


def test_who_is_connected(listing):
    alsa = AlsaSenders("Manifold")
    assert alsa.ports("Manifold") == {"129:0", "130:0"}
    assert alsa.of("129:0") == {"20:0", "128:0"}
    assert alsa.of("130:0") == alsa.of("131:0") == set()


def test_without_a_sequencer(listing):
    listing.unlink()
    with pytest.raises(OSError, match="sequencer"):
        AlsaSenders("Manifold")
