"""A WAV file written block by block has the bytes that scipy writes of the whole."""

import numpy as np
import pytest
from scipy.io import wavfile as scipys

from common.errors import SynthError
from synthapp.sounds import wavfile


@pytest.mark.parametrize("shape", [(1000,), (1001, 2), (7, 1), (0, 2)])
@pytest.mark.parametrize("rate", [16000, 48000, 192000])
def test_the_bytes_are_those_that_scipy_writes(tmp_path, shape, rate):
    audio = np.random.default_rng(1).standard_normal(shape).astype(np.float32)
    scipys.write(tmp_path / "whole.wav", rate, audio)
    with wavfile.writing(tmp_path / "blocks.wav", rate, audio.shape[1] if audio.ndim > 1 else 1) as write:
        for block in np.array_split(audio, 3):
            write(block)
    wavfile.write_audio(tmp_path / "one.wav", audio, rate)
    expected = (tmp_path / "whole.wav").read_bytes()
    assert (tmp_path / "blocks.wav").read_bytes() == (tmp_path / "one.wav").read_bytes() == expected


def test_more_than_a_wav_file_can_hold_is_refused(tmp_path):
    wavfile.check_size(tmp_path / "out.wav", wavfile.LARGEST)
    with pytest.raises(SynthError, match="out.wav: 4.0 GiB are more than a WAV file can hold; choose a lower --rate"):
        wavfile.check_size(tmp_path / "out.wav", wavfile.LARGEST + 1)
