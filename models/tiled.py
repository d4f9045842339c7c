"""The paper's encoder without gradients, in tiles of time that stay in the cache: several times as fast as at once.

One clip of 4 s takes 33 MB a layer; what a tile needs of it is read once, and what it makes is written once.
"""

import torch

TILE = 512  # samples: with three taps of 128 channels 0.8 MB


@torch.no_grad()
def encode_tiled(encoder, signal):
    """What `encoder(signal)` is, up to rounding.

    encoder : models.wavenet.Encoder; signal : (time, 1), time a multiple of the hop -> (frames, timbre)
    """
    config, time = encoder.config, len(signal)
    border = max(config.encoder_dilations, default=1)
    width = config.encoder_width
    x, after = (torch.zeros(time + 2 * border, width) for _ in range(2))  # zero outside the clip
    inside = slice(border, border + time)
    x[inside] = encoder.start(_around(signal))
    taps, hidden = torch.empty(TILE, 3 * width), torch.empty(TILE, width)
    layers = zip(config.encoder_dilations, encoder.dilated.layers(), encoder.res.layers(), strict=True)
    for dilation, (weight, bias), (out_weight, out_bias) in layers:
        weight, out_weight = weight.flatten(0, 1), out_weight[0]
        for start in range(border, border + time, TILE):
            count = min(TILE, border + time - start)
            for tap, shift in enumerate((-dilation, 0, dilation)):
                part = x[start + shift : start + shift + count]
                torch.clamp(part, min=0, out=taps[:count, tap * width : (tap + 1) * width])
            h = torch.addmm(bias, taps[:count], weight, out=hidden[:count]).relu_()
            out = after[start : start + count]
            torch.addmm(out_bias, h, out_weight, out=out)
            out += x[start : start + count]
        x, after = after, x
    pooled = x[inside].unflatten(0, (-1, config.hop)).mean(1)
    return pooled @ encoder.bottleneck.weight[0] + encoder.bottleneck.bias


def _around(signal):
    """(time, 3): the sample before, it, and the next."""
    padded = torch.nn.functional.pad(signal, (0, 0, 1, 1))
    return torch.cat([padded[:-2], signal, padded[2:]], 1)
