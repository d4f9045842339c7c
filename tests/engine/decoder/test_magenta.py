"""The decoder that plays against the original graphs, on the original's own checkpoint (tests/fixtures/README.md)."""

import numpy as np
import pytest

from engine.decoder.cpu.decoder import CpuDecoder
from models import checkpoints
from models.checkpoints.source import Source
from models.mulaw import HALF, mulaw_decode
from tests.paths import MAGENTA as SMALL

SLOT = np.array([1])
NO_PITCH = np.zeros((1, 512), np.float32)


@pytest.fixture(scope="module")
def reference():
    with np.load(SMALL / "reference.npz") as file:
        return {name: file[name] for name in file.files}


def load(ema):
    config, weights = checkpoints.read(Source(str(SMALL / "model.ckpt-1234"), ema=ema)).network
    return CpuDecoder(config, weights, 2)


@pytest.fixture(scope="module")
def decoder():
    return load(ema=False)


def log_probs(decoder, codes, embedding):
    """float64 (frames * hop, 256): teacher-forced, each frame of the embedding held for a hop."""
    hop = decoder.config.hop
    heard = (codes / np.float32(HALF)).astype(np.float32)[None]
    decoder.reset(SLOT)
    logits = [
        decoder.score(SLOT, heard[:, i * hop : (i + 1) * hop], frame[None], NO_PITCH, NO_PITCH)[0]
        for i, frame in enumerate(embedding)
    ]
    logits = np.concatenate(logits).astype(np.float64)
    logits -= logits.max(1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(1, keepdims=True))


@pytest.fixture(scope="module")
def scores(decoder, reference):
    return log_probs(decoder, reference["audio_q"], reference["embedding"][:16])


def play(decoder, embedding, temperature, uniforms):
    """Audio of one voice, each frame of the embedding held for a hop."""
    hop = decoder.config.hop
    audio = np.zeros((1, len(uniforms)), np.float32)
    decoder.reset(SLOT)
    for i in range(len(uniforms) // hop):
        part = slice(i * hop, (i + 1) * hop)
        decoder.render(
            SLOT,
            embedding[i : i + 1],
            NO_PITCH,
            np.float32([temperature]),
            uniforms[None, part].astype(np.float32),
            audio[:, part],
        )
    return audio[0]


@pytest.mark.parametrize("graph", ["full", "fast"])
def test_probabilities_equal_the_originals(scores, reference, graph):
    rows = reference[f"{graph}_rows"]
    inside = rows < len(scores)
    assert inside.sum() > 200
    expected = reference[f"{graph}_probs"][inside]
    np.testing.assert_allclose(np.exp(scores[rows[inside]]), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("graph", ["full", "fast"])
def test_every_likeliest_class_equals_the_originals(scores, reference, graph):
    expected = reference[f"{graph}_argmax"]
    assert np.array_equal(scores[: len(expected)].argmax(1), expected)


def test_log_likelihoods_equal_the_originals(scores, reference):
    expected = reference["full_target_logp"]
    codes = reference["audio_q"][: len(expected)].astype(int) + HALF
    np.testing.assert_allclose(scores[np.arange(len(codes)), codes], expected, rtol=0, atol=1e-4)


def test_moving_averages_equal_the_originals(reference):
    expected = reference["full_ema_target_logp"]
    scores = log_probs(load(ema=True), reference["audio_q"], reference["embedding_ema"][: len(expected) // 512])
    codes = reference["audio_q"][: len(expected)].astype(int) + HALF
    np.testing.assert_allclose(scores[np.arange(len(codes)), codes], expected, rtol=0, atol=1e-4)


def test_greedy_audio_equals_the_originals_sample_for_sample(decoder, reference):
    codes = reference["greedy_bins"].astype(int) - HALF
    audio = play(decoder, reference["embedding"], 0.0, np.zeros(len(codes)))
    assert np.array_equal(audio, mulaw_decode(codes))
    np.testing.assert_allclose(audio, reference["greedy_audio"], rtol=0, atol=2e-7)


def test_the_originals_sampler_takes_the_same_path(decoder, reference):
    audio = play(decoder, reference["embedding"], 1.0, reference["sampled_uniform"])
    assert np.array_equal(audio, mulaw_decode(reference["sampled_bins"].astype(int) - HALF))
    np.testing.assert_allclose(audio, reference["sampled_audio"], rtol=0, atol=2e-7)
