"""The torch model against the original graphs, on the original's own checkpoint (R15)."""

import numpy as np
import pytest

from models.mulaw import HALF


def log_softmax(logits):
    logits = logits.astype(np.float64)
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


@pytest.fixture(scope="module")
def full_logits(small_model, reference):
    """Of the first 8192 samples; the decoder is causal, so the rest of the clip changes nothing."""
    return small_model.logits(reference["audio"], reference["embedding"][:16])


@pytest.fixture(scope="module")
def full_log_probs(full_logits):
    return log_softmax(full_logits)


def targets(reference, samples):
    return reference["audio_q"][:samples].astype(int) + HALF


def test_embedding_equals_the_originals(small_model, reference):
    embedding = small_model.encode(reference["audio"])
    assert embedding.dtype == np.float32 and embedding.shape == (47, 8)
    np.testing.assert_allclose(embedding, reference["embedding"], rtol=0, atol=1e-4)


def test_embedding_of_an_awkward_length_leaves_out_the_tail(small_model, reference):
    embedding = small_model.encode(reference["audio_awkward"])
    assert len(embedding) * small_model.config.hop == reference["awkward_used_length"] < len(reference["audio_awkward"])
    np.testing.assert_allclose(embedding, reference["embedding_awkward"], rtol=0, atol=1e-4)


def test_embedding_of_the_moving_averages_equals_the_originals(small_average, reference):
    assert np.abs(reference["embedding_ema"] - reference["embedding"]).max() > 0.01  # they do differ
    embedding = small_average.encode(reference["audio"])
    np.testing.assert_allclose(embedding, reference["embedding_ema"], rtol=0, atol=1e-4)


def test_audio_shorter_than_a_hop_is_refused(small_model):
    with pytest.raises(ValueError, match="511 samples is shorter than one hop of 512"):
        small_model.encode(np.zeros(511, np.float32))


def test_logits_equal_the_originals(full_logits, reference):
    np.testing.assert_allclose(full_logits[reference["logits_rows"]], reference["logits"], rtol=0, atol=1e-4)


@pytest.mark.parametrize("graph", ["full", "fast"])
def test_probabilities_equal_the_originals(full_log_probs, reference, graph):
    probabilities = np.exp(full_log_probs[reference[f"{graph}_rows"]])
    np.testing.assert_allclose(probabilities, reference[f"{graph}_probs"], rtol=0, atol=1e-5)


@pytest.mark.parametrize("graph", ["full", "fast"])
def test_every_most_likely_class_equals_the_originals(full_log_probs, reference, graph):
    expected = reference[f"{graph}_argmax"]
    log_probs = full_log_probs[: len(expected)]
    np.testing.assert_array_equal(log_probs.argmax(axis=1), expected)
    np.testing.assert_allclose(np.exp(log_probs.max(axis=1)), reference[f"{graph}_pmax"], rtol=0, atol=1e-5)


@pytest.mark.parametrize("graph", ["full", "fast"])
def test_likelihood_of_the_true_samples_equals_the_originals(full_log_probs, reference, graph):
    expected = reference[f"{graph}_target_logp"]
    found = full_log_probs[np.arange(len(expected)), targets(reference, len(expected))]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4)


def test_likelihood_under_the_moving_averages_equals_the_originals(small_average, reference):
    expected = reference["full_ema_target_logp"]
    log_probs = log_softmax(small_average.logits(reference["audio"], reference["embedding_ema"][:4]))
    found = log_probs[np.arange(len(expected)), targets(reference, len(expected))]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4)


def test_greedy_audio_is_its_own_most_likely_continuation(small_model, reference):
    """Teacher-forced with the original's greedy audio, every arg-max is the sample that follows."""
    logits = small_model.logits(reference["greedy_audio"], reference["embedding"][:4])
    np.testing.assert_array_equal(logits.argmax(axis=1), reference["greedy_bins"])
