"""The options of the autoencoder: sizes, conditioning, mixture; shapes, gradients, causality, and its config."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from common.errors import ModelError
from models.checkpoints.layout import weight_shapes
from models.config import PITCH_CLASSES, WaveNetConfig
from models.wavenet import WaveNet, conditions, harmonic_inputs

PAPER = WaveNetConfig(
    width=8, skip_width=6, layers=6, stages=3, latent=4, hop=16, encoder_width=5, encoder_layers=4, encoder_stages=2
)
VARIANTS = {
    "paper": PAPER,
    "two taps": replace(PAPER, taps=2),
    "one layer": replace(PAPER, layers=1, encoder_layers=1),
    "pitch": replace(PAPER, pitch=True),
    "harmonics": replace(PAPER, harmonics=5),
    "mixture": replace(PAPER, mixture=3),
    "noise and motion": replace(
        PAPER,
        harmonics=5,
        noise=3,
        gain_width=7,
        motion=True,
        latent=7,
        mixture=2,
        encoder="spectrum",
        loudness=True,
        feedback=False,
        direct=True,
    ),
    "all": replace(PAPER, pitch=True, harmonics=5, mixture=2, encoder="spectrum", loudness=True),
}


@pytest.fixture(params=list(VARIANTS.values()), ids=list(VARIANTS))
def model(request):
    torch.manual_seed(7)
    return WaveNet(request.param)


def clip(samples, seed=3):
    return (np.random.default_rng(seed).standard_normal(samples) * 0.2).clip(-1, 1).astype(np.float32)


def embedding_of(config, frames, seed=4):
    return np.random.default_rng(seed).standard_normal((frames, config.latent)).astype(np.float32)


def test_tensors_are_those_that_the_config_demands(model):
    found = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    assert found == weight_shapes(model.config)


def test_embedding_has_a_row_a_hop(model):
    embedding = model.encode(clip(100), f0_hz=220.0)
    assert embedding.shape == (100 // 16, model.config.latent)
    assert embedding.dtype == np.float32 and np.isfinite(embedding).all()


def test_outputs_have_a_row_a_sample(model):
    logits = model.logits(clip(64), embedding_of(model.config, 4), f0_hz=220.0)
    assert logits.shape == (64, model.config.outputs)
    assert np.isfinite(logits).all()


def test_too_little_audio_for_the_embedding_is_refused(model):
    with pytest.raises(ValueError, match="4 frames need 64 samples of audio, not 63"):
        model.logits(clip(63), embedding_of(model.config, 4), f0_hz=220.0)


@pytest.mark.parametrize("at", [0, 1, 17, 63])
def test_a_sample_changes_only_what_follows_it(model, at):
    audio, embedding = clip(64), embedding_of(model.config, 4)
    changed = audio.copy()
    changed[at] = -np.sign(audio[at]) * 0.9
    before = model.logits(audio, embedding, f0_hz=220.0)
    after = model.logits(changed, embedding, f0_hz=220.0)
    np.testing.assert_array_equal(before[: at + 1], after[: at + 1])
    if at + 1 < 64:
        assert (np.abs(before[at + 1] - after[at + 1]).max() > 1e-6) == model.config.feedback


def test_a_frame_changes_its_own_hop_and_what_follows(model):
    audio, embedding = clip(64), embedding_of(model.config, 4)
    changed = embedding.copy()
    changed[2, : model.config.timbre] += 1
    before = model.logits(audio, embedding, f0_hz=220.0)
    after = model.logits(audio, changed, f0_hz=220.0)
    np.testing.assert_array_equal(before[:32], after[:32])
    assert np.abs(before[32] - after[32]).max() > 1e-6


def test_the_receptive_field_is_what_the_config_says():
    """Gradients of the last output reach back exactly that far."""
    torch.manual_seed(7)
    config = replace(PAPER, encoder_layers=0)
    model = WaveNet(config)
    signal = torch.randn(1, 64, 1, requires_grad=True)
    model.decoder(signal, torch.zeros(1, 1, config.conditions))[0, -1].sum().backward()
    reached = np.flatnonzero(signal.grad.numpy().ravel())
    assert 64 - reached.min() == config.receptive_field


def test_gradients_reach_every_tensor_but_the_unused_last_residual(model):
    config = model.config
    f0_hz = torch.tensor([220.0, 330.0])
    harmonics = harmonic_inputs(config, torch.randn(2, 64, config.harmonics), f0_hz) if config.harmonics else None
    noise = torch.randn(2, 64, config.noise) if config.noise else None
    spectra = torch.randn(2, 4, 144)
    inputs = spectra if config.encoder == "spectrum" else torch.randn(2, 64, 1)
    latents = torch.cat([model.encoder(inputs), torch.zeros(2, 4, config.latent - config.timbre)], -1)
    rows = conditions(config, latents, f0_hz)
    excitation = model.decoder.excite(model.decoder.log_gains(rows), harmonics, noise) if config.harmonics else None
    outputs = model.decoder(torch.randn(2, 64, config.inputs), rows, excitation)
    outputs.square().mean().backward()
    for name, parameter in model.named_parameters():
        used = parameter.shape[0] - 1 if name.startswith("decoder.res.") else parameter.shape[0]
        if used:
            gradient = parameter.grad[:used]
            assert torch.isfinite(gradient).all() and gradient.abs().max() > 0, name


def test_pitch_is_one_hot_of_the_nearest_note():
    config = replace(PAPER, pitch=True)
    rows = conditions(config, torch.zeros(3, 2, 4), torch.tensor([440.0, 447.0, 8.0]))
    assert rows.shape == (3, 2, 4 + PITCH_CLASSES)
    assert rows[:, :, 4:].argmax(-1).tolist() == [[69, 69], [69, 69], [0, 0]]
    assert rows[:, :, 4:].sum() == 6


def test_another_pitch_gives_another_sound():
    config = replace(PAPER, pitch=True)
    torch.manual_seed(7)
    model = WaveNet(config)
    audio, embedding = clip(64), embedding_of(config, 4)
    low, high = (model.logits(audio, embedding, f0_hz=f0_hz) for f0_hz in (220.0, 440.0))
    assert np.abs(low - high).max() > 1e-4


def test_harmonics_in_training_stop_below_nyquist():
    config = replace(PAPER, harmonics=5)
    phases = torch.full((1, 64, 5), 0.3)
    inputs = harmonic_inputs(config, phases, torch.tensor([2000.0]))
    expected = [np.sin(0.3)] * 3 + [0, 0] + [np.cos(0.3)] * 3 + [0, 0]  # 2, 4, 6 kHz; not 8 and 10
    np.testing.assert_allclose(inputs[0, 7].numpy(), expected, atol=1e-6)


@pytest.mark.parametrize(
    ("field", "value"),
    [("width", 0), ("width", 10**9), ("layers", 1.5), ("taps", 4), ("hop", "512"), ("stages", True), ("latent", -1),
     ("encoder", "other"), ("pitch", 1), ("mixture", 17), ("harmonics", None), ("noise", 33)],
)  # fmt: skip
def test_a_config_out_of_range_is_named(field, value):
    with pytest.raises(ModelError, match=f"model config: {field} is"):
        WaveNetConfig(**{field: value})


def test_an_unknown_entry_of_a_config_is_named():
    with pytest.raises(ModelError, match="unknown entry 'colour'"):
        WaveNetConfig.from_dict({"colour": 3})


def test_the_defaults_are_the_released_model():
    config = WaveNetConfig()
    shapes = weight_shapes(config)
    assert sum(int(np.prod(shape)) for shape in shapes.values()) == 61_804_048
    assert config.receptive_field == 6141
    assert config.dilations.tolist() == [2 ** (layer % 10) for layer in range(30)]


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 4), st.integers(1, 3), st.sampled_from([2, 3]), st.integers(0, 2), st.booleans())
def test_a_config_survives_its_json(layers, stages, taps, mixture, pitch):
    config = replace(PAPER, layers=layers, stages=stages, taps=taps, mixture=mixture, pitch=pitch)
    assert WaveNetConfig.from_dict(config.to_dict()) == config
