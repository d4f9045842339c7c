"""Audio from the original's checkpoint, sample for sample: the torch oracle and the CPU decoder against fastgen."""

import numpy as np
import pytest

from engine.decoder.cpu.decoder import CpuDecoder
from engine.decoder.reference import ReferenceDecoder
from models import checkpoints
from models.encoding.clips import decode_clip
from models.mulaw import HALF

SLOTS = np.zeros(1, np.int64)


@pytest.fixture(scope="module")
def decoder(small_checkpoint):
    return CpuDecoder(*checkpoints.read(small_checkpoint).network, voices=1)


@pytest.fixture(scope="module")
def oracle(small_checkpoint):
    """It runs the whole network for every sample: the first few are enough, test_parity has the rest."""
    return ReferenceDecoder(*checkpoints.read(small_checkpoint).network, voices=1)


def play(decoder, embedding, temperature, uniforms):
    """float32 (samples,), as many as uniforms; every frame is held for a hop."""
    hop, samples = decoder.config.hop, len(uniforms)
    audio = np.zeros((1, samples), np.float32)
    decoder.reset(SLOTS)
    for start in range(0, samples, hop):
        part = slice(start, min(start + hop, samples))
        pitch, temperatures = np.zeros_like(audio[:, part]), np.full(1, temperature, np.float32)
        latents = embedding[start // hop][None]
        decoder.render(SLOTS, latents, pitch, temperatures, uniforms[None, part].astype(np.float32), audio[:, part])
    return audio[0]


def score(decoder, codes, embedding):
    """Logits (frames * hop, 256), teacher-forced."""
    hop = decoder.config.hop
    heard = (codes / np.float32(HALF)).astype(np.float32).reshape(-1, 1, hop)
    decoder.reset(SLOTS)
    parts = [
        decoder.score(SLOTS, heard[frame], latents[None], *np.zeros((2, 1, hop), np.float32))[0]
        for frame, latents in enumerate(embedding)
    ]
    return np.concatenate(parts)


def test_greedy_audio_of_the_oracle_equals_the_originals(oracle, reference):
    audio = play(oracle, reference["embedding"], 0.0, np.zeros(40))
    np.testing.assert_allclose(audio, reference["greedy_audio"][:40], rtol=0, atol=2e-7)


def test_sampled_audio_of_the_oracle_equals_the_originals(oracle, reference):
    audio = play(oracle, reference["embedding"], 1.0, reference["sampled_uniform"][:40])
    np.testing.assert_allclose(audio, reference["sampled_audio"][:40], rtol=0, atol=2e-7)


def test_greedy_audio_equals_the_originals(decoder, reference):
    audio = play(decoder, reference["embedding"][:4], 0.0, np.zeros(2048))
    np.testing.assert_allclose(audio, reference["greedy_audio"], rtol=0, atol=2e-7)


def test_sampled_audio_equals_the_originals(decoder, reference):
    audio = play(decoder, reference["embedding"][:2], 1.0, reference["sampled_uniform"])
    np.testing.assert_allclose(audio, reference["sampled_audio"], rtol=0, atol=2e-7)


def test_teacher_forced_probabilities_equal_the_originals(decoder, reference):
    logits = score(decoder, reference["audio_q"][:2048], reference["embedding"][:4]).astype(np.float64)
    probabilities = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    rows = reference["full_rows"]
    inside = rows < 2048
    assert inside.sum() > 50
    np.testing.assert_allclose(probabilities[rows[inside]], reference["full_probs"][inside], rtol=0, atol=1e-5)
    np.testing.assert_array_equal(probabilities.argmax(axis=1), reference["full_argmax"][:2048])


def test_the_decode_command_gives_the_same_audio(decoder, reference):
    audio = decode_clip(decoder, reference["embedding"][:4], f0_hz=440.0, temperature=0.0, seed=1)
    np.testing.assert_allclose(audio, reference["greedy_audio"], rtol=0, atol=2e-7)
