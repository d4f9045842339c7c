"""The decoder's outputs and gradients on a processor, faster than layer by layer in torch's own operations.

The same numbers as `Decoder.forward`, with the whole batch as one long matrix: row t * batch + b is sample t of crop b.
A causal shift by d samples is then one by d * batch rows, every product is one of large matrices, and frames are
contiguous. Four things make it fast: that layout; one hand-written backward a layer; bfloat16 products where the
processor has them; tanh(a) = 2 sigmoid(2 a) - 1, whose sigmoid is several times quicker than torch's tanh.
Some ROWS rows at once stay in the caches.
"""

import torch
from torch.nn import functional as F

from models.wavenet import Decoder

ROWS = 4096  # of a step: batch * time


def product_type(device: torch.device) -> torch.dtype:
    """What products are computed in: bfloat16 where the processor multiplies it, else float32."""
    if device.type == "cpu" and torch.cpu.get_capabilities().get("avx512_bf16"):
        return torch.bfloat16
    return torch.float32


def outputs(decoder: Decoder, signal, conditions, excitation=None, dtype=None):
    """`Decoder.forward`: same arguments, and outputs (batch, time, outputs) in float32.

    On a GPU it is that. dtype : of the products, `product_type` unless given
    """
    if signal.device.type != "cpu":
        return decoder(signal, conditions, excitation)
    return _outputs(decoder, signal, conditions, excitation, dtype or product_type(signal.device))


@torch.compiler.disable  # what it would write is slower
def _outputs(decoder, signal, conditions, excitation, dtype):
    config, (batch, time) = decoder.config, signal.shape[:2]
    conditions = conditions.transpose(0, 1)  # (frames, batch, conditions)
    x = _entry(decoder, signal, excitation)
    held = torch.einsum("fbc,lcw->lfbw", conditions, decoder.cond.weight[:, 0])
    held = held + (decoder.cond.bias + decoder.dilated.bias)[:, None, None]
    heard = [x.to(dtype)]
    layers = zip(config.dilations.tolist(), held, decoder.dilated.weight, decoder.res.layers(), strict=True)
    for dilation, row, dilated, (res, res_bias) in layers:
        x, gated = GatedLayer.apply(x, row, dilated, res[0], res_bias, dilation * batch, dtype)
        heard.append(gated)
    to_skip = torch.cat([decoder.skip_start.weight[0], decoder.skip.weight.flatten(0, 2)])
    skip = _affine(torch.cat(heard, 1), to_skip, decoder.skip_start.bias + decoder.skip.bias.sum(0))
    hidden = _affine(F.relu(skip), decoder.out1.weight[0], decoder.out1.bias).view(len(conditions), -1, *skip.shape[1:])
    hidden = hidden.unflatten(1, (-1, batch)) + decoder.cond_out1(conditions)[:, None].to(dtype)
    hidden = F.relu(hidden).view(time * batch, -1).to(torch.float32 if config.mixture else dtype)  # means are exact
    out = _affine(hidden, decoder.logits.weight[0], decoder.logits.bias)
    return decoder.about(out.float().view(time, batch, -1).transpose(0, 1), excitation)


def _entry(decoder, signal, excitation):
    """float32 (rows, width): what the first layer hears."""
    x = 0
    if decoder.config.feedback:
        past, taps = signal.transpose(0, 1), decoder.config.taps
        late = [F.pad(past, (0, 0, 0, 0, k, 0))[: len(past)] for k in range(taps - 1, -1, -1)]
        x = decoder.start(torch.cat(late, -1))
    if excitation is not None:
        x = x + decoder.excitation(excitation.transpose(0, 1))
    return x.flatten(0, 1)


def _affine(x, weight, bias):
    """In the type of x."""
    return torch.addmm(bias.to(x.dtype), x, weight.to(x.dtype))


class GatedLayer(torch.autograd.Function):
    """One layer: x + res(g), and g = sigmoid(a1) tanh(a2), where a = dilated(x) + held.

    x : float32 (rows, width); held : (frames, batch, 2 width); dilated : (taps, width, 2 width)
    res, bias : (width, width), (width,); shift : rows between two taps; dtype : of the products, and of g
    """

    @staticmethod
    def forward(ctx, x, held, dilated, res, bias, shift, dtype):
        taps, width = dilated.shape[:2]
        past = x.new_zeros(len(x), taps * width, dtype=dtype)
        for k in range(taps):
            late = min((taps - 1 - k) * shift, len(x))
            past[late:, k * width : (k + 1) * width] = x[: len(x) - late]
        sigmoid_weight, tanh_weight = _halves(dilated.flatten(0, 1), dtype)
        sigmoid_held, tanh_held = _halves(held, dtype)
        res = res.to(dtype)

        def gate(weight, row):
            a = torch.mm(past, weight)
            a.view(len(held), -1, row[0].numel()).add_(row.flatten(1)[:, None])
            return a.sigmoid_()

        first, second = gate(sigmoid_weight, sigmoid_held), gate(tanh_weight, tanh_held)
        tanh = second.mul(2).sub_(1)
        gated = first * tanh
        ctx.save_for_backward(past, first, second, tanh, gated, sigmoid_weight, tanh_weight, res)
        ctx.shift, ctx.frames = shift, held.shape[:2]
        return x + torch.addmm(bias.to(dtype), gated, res), gated

    @staticmethod
    def backward(ctx, dy, dgated):
        past, first, second, tanh, gated, sigmoid_weight, tanh_weight, res = ctx.saved_tensors
        width, low = dy.shape[1], dy.to(past.dtype)
        dgated = torch.addmm(dgated, low, res.t())
        dsigmoid = torch.addcmul(first, first, first, value=-1).mul_(tanh).mul_(dgated)
        dtanh = torch.addcmul(second, second, second, value=-1).mul_(first).mul_(dgated).mul_(2)
        dpast = torch.mm(dsigmoid, sigmoid_weight.t()).addmm_(dtanh, tanh_weight.t())
        ddilated = torch.cat([torch.mm(past.t(), dsigmoid), 2 * torch.mm(past.t(), dtanh)], 1).float()
        frames, batch = ctx.frames
        dheld = [part.view(frames, -1, batch * width).sum(1, dtype=torch.float32) for part in (dsigmoid, dtanh)]
        dheld = torch.cat([dheld[0].view(frames, batch, width), 2 * dheld[1].view(frames, batch, width)], -1)
        dx, taps = dy.clone(), past.shape[1] // width
        for k in range(taps):
            late = min((taps - 1 - k) * ctx.shift, len(dx))
            dx[: len(dx) - late] += dpast[late:, k * width : (k + 1) * width]
        dres, dbias = torch.mm(gated.t(), low).float(), dy.sum(0)
        return dx, dheld, ddilated.view(taps, width, -1), dres, dbias, None, None


def _halves(values, dtype):
    """What the sigmoid and the tanh take, (..., 2 width) -> twice (..., width); the second doubled, see above."""
    sigmoid, tanh = values.chunk(2, -1)
    return sigmoid.to(dtype).contiguous(), (2 * tanh).to(dtype)
