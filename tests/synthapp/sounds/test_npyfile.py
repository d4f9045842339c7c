"""Embeddings in NPY files: as numpy writes them, and in pieces of which none is kept."""

import io
import tracemalloc

import numpy as np

from synthapp.sounds.npyfile import read_embedding, write_embedding, write_pieces

LATENT = 288


def saved(embedding):
    """bytes that numpy writes"""
    file = io.BytesIO()
    np.save(file, embedding)
    return file.getvalue()


def test_it_is_what_numpy_writes(tmp_path):
    embedding = np.random.default_rng(0).standard_normal((100, LATENT)).astype(np.float32)
    write_embedding(tmp_path / "whole.npy", embedding)
    write_pieces(tmp_path / "pieces.npy", np.split(embedding, [1, 40, 99]), embedding.shape)
    for name in ("whole.npy", "pieces.npy"):
        assert (tmp_path / name).read_bytes() == saved(embedding)
        np.testing.assert_array_equal(read_embedding(tmp_path / name, LATENT), embedding)


def test_of_a_long_recording_one_piece_is_held(tmp_path):
    """An hour's embedding of the default instrument is 260 MB."""
    count, frames = 40, 625
    piece_bytes = frames * LATENT * 4
    tracemalloc.start()
    pieces = (np.full((frames, LATENT), number, np.float32) for number in range(count))
    write_pieces(tmp_path / "long.npy", pieces, (count * frames, LATENT))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * piece_bytes
    found = np.load(tmp_path / "long.npy", mmap_mode="r")
    assert found.shape == (count * frames, LATENT)
    np.testing.assert_array_equal(found[::frames, 0], np.arange(count))
