"""Mu-law codes against the tables of the original, both ways."""

import numpy as np

from models.mulaw import compress, expand, mulaw_decode, mulaw_encode


def test_codes_equal_the_originals(reference):
    inside = np.abs(reference["mulaw_x"]) < 0.999999
    assert inside.sum() > 4000
    np.testing.assert_array_equal(mulaw_encode(reference["mulaw_x"])[inside], reference["mulaw_q"][inside])


def test_values_outside_the_range_take_the_outermost_code(reference):
    """The original goes on to 128 and beyond, which is no class, already just below 1."""
    expected = np.clip(reference["mulaw_q"], -128, 127)
    assert (expected != reference["mulaw_q"]).sum() >= 4
    np.testing.assert_array_equal(mulaw_encode(reference["mulaw_x"]), expected)


def test_codes_of_a_whole_clip_equal_the_originals(reference):
    np.testing.assert_array_equal(mulaw_encode(reference["audio"]), reference["audio_q"])
    np.testing.assert_array_equal(mulaw_encode(reference["audio_awkward"]), reference["audio_awkward_q"])


def test_audio_equals_the_originals(reference):
    codes = reference["inv_mulaw_q"].astype(int)
    np.testing.assert_allclose(mulaw_decode(codes), reference["inv_mulaw_numpy"], rtol=0, atol=2e-7)
    np.testing.assert_allclose(mulaw_decode(codes), reference["inv_mulaw_tf"], rtol=0, atol=2e-7)


def test_every_code_survives_the_round_trip():
    codes = np.arange(-128, 128)
    np.testing.assert_array_equal(mulaw_encode(mulaw_decode(codes)), codes)
    assert mulaw_decode(np.array([0]))[0] == 0.0


def test_companding_of_a_mixture_is_undone():
    audio = np.linspace(-1, 1, 1001, dtype=np.float32)
    np.testing.assert_allclose(expand(compress(audio)), audio, atol=1e-6)
    assert np.abs(compress(audio)).max() <= 1.0
