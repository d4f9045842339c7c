"""Notes played sample by sample are what the whole network says of them."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from models.config import WaveNetConfig
from models.generate import Stepper, draw_class, draw_mixture, play
from models.mulaw import HALF, mulaw_encode
from models.wavenet import WaveNet, shifted

PAPER = WaveNetConfig(
    width=8, skip_width=6, layers=6, stages=3, latent=4, hop=16, encoder_width=5, encoder_layers=4, encoder_stages=2
)
INSTRUMENT = replace(
    PAPER, taps=2, hop=64, latent=7, harmonics=5, noise=3, motion=True, mixture=2, encoder="spectrum", loudness=True,
    emphasis=0.8, direct=True,
)  # fmt: skip


@pytest.mark.parametrize("config", [PAPER, INSTRUMENT], ids=["paper", "instrument"])
def test_steps_give_the_outputs_of_the_whole_network(config):
    """float32 sums in another order: a few roundings of 6e-8 of values around 1."""
    torch.manual_seed(3)
    decoder, (batch, frames, time) = WaveNet(config).decoder, (3, 4, 256)
    rows, signal = torch.randn(batch, frames, config.conditions), 0.5 * torch.randn(batch, time)
    unit = [torch.randn(batch, time, 2 * config.harmonics), torch.randn(batch, time, config.noise)]
    unit = unit if config.harmonics else []
    with torch.no_grad():
        excitation = decoder.excite(decoder.log_gains(rows), *unit) if unit else None
        whole = decoder(shifted(signal[..., None], config.inputs), rows, excitation)
    stepper = Stepper(decoder, rows, time, *unit)
    late = [torch.zeros(batch), *signal.unbind(1)[:-1]]
    steps = torch.stack([stepper.step(last) for last in late], 1)
    torch.testing.assert_close(steps, whole, rtol=1e-5, atol=1e-5)


def test_what_is_played_greedily_is_the_likeliest_throughout():
    torch.manual_seed(3)
    model = WaveNet(PAPER)
    embeddings = np.random.default_rng(1).standard_normal((2, 6, 4)).astype(np.float32)
    played = play(model, embeddings, np.zeros((2, 96)), temperature=0)
    for audio, embedding in zip(played, embeddings, strict=True):
        likeliest = model.logits(audio, embedding).argmax(-1) - HALF
        assert (mulaw_encode(audio) == likeliest).all()


def test_an_instrument_is_played_in_tune_with_its_loudness():
    """With a decoder that passes its first sine, the note is that sine at the level of the loudness channel."""
    model = WaveNet(replace(INSTRUMENT, mixture=1, noise=0, motion=False, latent=5, emphasis=0.0, direct=False))
    with torch.no_grad():
        for parameter in model.decoder.parameters():
            parameter.zero_()
        decoder = model.decoder
        decoder.excitation.weight[0, 0, 0] = 0.1
        decoder.skip_start.weight[0, 0, 0] = decoder.out1.weight[0, 0, 0] = decoder.logits.weight[0, 0, 1] = 1.0
        decoder.skip_start.bias[0] = 0.5  # keeps the sine above the rectifiers
        decoder.logits.bias[1] = -0.5
    embeddings = np.zeros((1, 10, 5), np.float32)
    embeddings[..., -1] = -6.0
    audio = play(model, embeddings, np.full((1, 640), 0.5), np.array([250.0]), temperature=0)[0]
    spectrum = np.abs(np.fft.rfft(audio))
    assert spectrum.argmax() == 250 * 640 / 16000
    assert np.abs(audio).max() == pytest.approx(10 ** (-6 / 20) * (16**0.1 - 1) / 15, rel=1e-3)


def test_classes_are_drawn_as_often_as_they_are_likely():
    logits = torch.full((1, 256), -50.0)
    logits[0, [100, 128, 200]] = torch.log(torch.tensor([0.2, 0.5, 0.3]))
    uniforms = (torch.arange(1000) + 0.5) / 1000
    drawn = draw_class(logits.expand(1000, -1), 1.0, uniforms) * HALF + HALF
    classes, counts = drawn.long().unique(return_counts=True)
    assert classes.tolist() == [100, 128, 200] and counts.tolist() == [200, 500, 300]


def test_mixtures_are_drawn_with_their_quantiles():
    outputs = torch.tensor([[0.0, 0.0, -0.5, 0.3, -3.0, -4.0]])
    uniforms = torch.tensor([0.25, 0.75, 0.125])
    drawn = draw_mixture(outputs.expand(3, -1), 1.0, uniforms)
    quarter = float(-0.5 + np.exp(-3) * np.log(0.25 / 0.75))
    torch.testing.assert_close(drawn, torch.tensor([-0.5, 0.3, quarter]), rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(draw_mixture(outputs, 0, uniforms[:1]), torch.tensor([-0.1]))
