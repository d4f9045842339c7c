"""From the network's outputs to a sample, all rows at once; as in reference.py, in float32."""

import torch

from models.config import CLASSES, LOG_SCALE_MIN

_COLDEST = 1e-6  # temperatures below count as 0, where nothing is drawn


def draw_class(logits: torch.Tensor, temperature: torch.Tensor, uniforms: torch.Tensor) -> torch.Tensor:
    """(rows, CLASSES), (rows, 1), (rows, 1) -> int64 (rows, 1); temperature 0: the likeliest."""
    top = logits.amax(1, keepdim=True)
    cumulative = torch.exp((logits - top) / temperature.clamp(min=_COLDEST)).cumsum(1)
    drawn = (cumulative <= uniforms * cumulative[:, -1:]).sum(1, keepdim=True).clamp(max=CLASSES - 1)
    return torch.where(temperature > 0, drawn, logits.argmax(1, keepdim=True))


def draw_mixture(outputs: torch.Tensor, temperature: torch.Tensor, uniforms: torch.Tensor) -> torch.Tensor:
    """(rows, 3 * mixture), (rows, 1), (rows, 1) -> (rows, 1) companded; temperature 0: the mixture's mean."""
    weights, means, log_scales = outputs.chunk(3, 1)
    share = torch.softmax(weights, 1)
    cumulative = share.cumsum(1)
    chosen = (cumulative <= uniforms).sum(1, keepdim=True).clamp(max=share.shape[1] - 1)
    its_share, mean = share.gather(1, chosen), means.gather(1, chosen)
    quantile = (uniforms - cumulative.gather(1, chosen) + its_share) / its_share
    quantile = quantile.clamp(1e-5, 1 - 1e-5)
    scale = torch.exp(log_scales.gather(1, chosen).clamp(min=LOG_SCALE_MIN)) * temperature
    drawn = mean + scale * torch.log(quantile / (1 - quantile))
    greedy = (share * means).sum(1, keepdim=True)
    return torch.where(temperature > 0, drawn, greedy).clamp(-1, 1)
