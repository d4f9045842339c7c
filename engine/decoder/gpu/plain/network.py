"""One sample of all voices in plain torch, in tensors that stay where they are: on a GPU a fixed list of kernels.

The algebra is that of kernel.cu: `a[s] = W x[s] = W x[s - 1] + (W Wres) h[s - 1]`, the product made beforehand, so
that both halves of a layer come from the layer before side by side; and what the past gives to a layer is computed when
it is heard, and kept as a sum until it is due.
"""

from dataclasses import dataclass

import numpy as np
import torch

from engine.decoder.gpu.plain.drawing import draw_class, draw_mixture
from models.config import WaveNetConfig
from models.mulaw import HALF


@dataclass(frozen=True)
class State:
    """What voices keep, one row a slot; the last slot is nobody's, for rows that a call does not use.

    sums : (slots, taps, 2 * width), rings of what is due later, all layers' behind each other
    heard : (slots, taps), the past samples, oldest first; ages : int64 (slots,), samples since the reset
    """

    sums: torch.Tensor
    heard: torch.Tensor
    ages: torch.Tensor

    @classmethod
    def silent(cls, config: WaveNetConfig, slots: int, device, dtype) -> "State":
        places = (config.taps - 1) * int(config.dilations.sum())
        return cls(
            torch.zeros(slots, places, 2 * config.width, device=device),
            torch.zeros(slots, config.taps, device=device, dtype=dtype),
            torch.zeros(slots, dtype=torch.int64, device=device),
        )

    def reset(self, slots: torch.Tensor) -> None:
        """Sums younger than a voice are never read: nothing else is to be cleared."""
        self.ages[slots], self.heard[slots] = 0, 0


@dataclass(frozen=True)
class Call:
    """What one call is given and gives, rows of voices.

    slots : int64 (rows,); temperature : (rows, 1)
    conditions : (rows, spans, layers, 2 * width), out_conditions : (rows, spans, skip_width), held for a span each
    span : int64 (rows, samples), the one of each sample
    entry : (rows, samples, width), enters the first layer beside the past samples
    middle : (rows, samples), is added to the mixture's means
    uniforms, forced : (rows, samples); is_forced : bool (1,), whether the network hears `forced`
    sounded : (rows, samples), as the network hears it; outputs : (rows, samples, outputs)
    moment : int64 (1,), the sample to come
    """

    slots: torch.Tensor
    temperature: torch.Tensor
    conditions: torch.Tensor
    out_conditions: torch.Tensor
    span: torch.Tensor
    entry: torch.Tensor
    middle: torch.Tensor
    uniforms: torch.Tensor
    forced: torch.Tensor
    is_forced: torch.Tensor
    sounded: torch.Tensor
    outputs: torch.Tensor
    moment: torch.Tensor

    @classmethod
    def empty(cls, config: WaveNetConfig, rows: int, samples: int, spans: int, device) -> "Call":
        def new(*shape, dtype=torch.float32):
            return torch.zeros(*shape, dtype=dtype, device=device)

        whole = torch.int64
        return cls(
            new(rows, dtype=whole), new(rows, 1), new(rows, spans, config.layers, 2 * config.width),
            new(rows, spans, config.skip_width), new(rows, samples, dtype=whole), new(rows, samples, config.width),
            new(rows, samples), new(rows, samples), new(rows, samples), new(1, dtype=torch.bool), new(rows, samples),
            new(rows, samples, config.outputs), new(1, dtype=whole),
        )  # fmt: skip


class Network:
    """weights : names and shapes of the torch state_dict; dtype : of products and of what they multiply

    bias : (width,) of the first layer, part of every `entry`; where there are harmonics it comes with them
    """

    def __init__(self, config: WaveNetConfig, weights: dict[str, np.ndarray], device, dtype=torch.float32):
        self.config, self._dtype, self._device = config, dtype, device
        get = {
            name.removeprefix("decoder."): torch.as_tensor(np.asarray(values)).double()
            for name, values in weights.items()
            if name.startswith("decoder.")
        }
        self.bias = torch.zeros(config.width, device=device)
        self._take_layers(get)
        self._take_ends(get)
        spans = torch.as_tensor((config.taps - 1) * config.dilations)
        self._dilations = torch.as_tensor(config.dilations).to(device)
        self._rings, self._starts = spans.to(device), (spans.cumsum(0) - spans).to(device)

    def _take_layers(self, get):
        width = self.config.width
        order = torch.cat([torch.arange(width, 2 * width), torch.arange(width)])  # tangents, then sigmoids
        dilated, res, res_bias = get["dilated.weight"][..., order], get["res.weight"][:, 0], get["res.bias"]
        now, past = dilated[:, -1], dilated[:, :-1].flip(1)  # the nearest first
        bias = (get["dilated.bias"] + get["cond.bias"])[:, order]
        bias[1:] += torch.einsum("li,lio->lo", res_bias[:-1], now[1:])
        eye = torch.eye(width, dtype=torch.float64)
        pairs = zip(res[:-1], now[1:], strict=True)
        joint = [torch.cat([torch.cat([r, r @ n], 1), torch.cat([eye, n], 1)]) for r, n in pairs]
        self._first = self._put(now[0])
        self._joint = [self._put(matrix) for matrix in joint]  # (h, x) -> (x, tangents, sigmoids) of the next layer
        self._res_bias = self._put(torch.cat([0 * res_bias[:1], res_bias[:-1]]))  # of the layer before
        self._past = self._put(past.transpose(1, 2).flatten(2))  # (layers, width, lags * 2 * width)
        self._cond, self._cond_bias = self._exact(get["cond.weight"][:, 0][..., order]), self._exact(bias)

    def _take_ends(self, get):
        config = self.config
        if config.feedback:
            self._start = self._put(get["start.weight"][:, 0])
            self.bias = self._exact(get["start.bias"])
        self._skip_start, self._skip = (
            self._put(get["skip_start.weight"][0]),
            self._put(get["skip.weight"].flatten(0, 2)),
        )
        self._skip_bias = self._put(get["skip_start.bias"] + get["skip.bias"].sum(0))
        self._out = self._put(get["out1.weight"][0])
        self._out_cond = self._exact(get["cond_out1.weight"][0])
        self._out_bias = self._exact(get["out1.bias"] + get["cond_out1.bias"])
        self._last, self._last_bias = self._put(get["logits.weight"][0]), self._put(get["logits.bias"])

    def _put(self, tensor):
        return tensor.to(self._device, self._dtype).contiguous()

    def _exact(self, tensor):
        return tensor.to(self._device, torch.float32).contiguous()

    def condition(self, call: Call, rows: int, given: torch.Tensor) -> None:
        """What does not change within a span. given : (rows, spans, conditions), of the call's first rows"""
        spans = given.shape[1]
        call.conditions[:rows, :spans] = torch.einsum("rsc,lcg->rslg", given, self._cond) + self._cond_bias
        call.out_conditions[:rows, :spans] = given @ self._out_cond + self._out_bias

    def stack(self, rows: int) -> torch.Tensor:
        """Room for what the layers compute: (layers, rows, 4 * width), h, x, tangents and sigmoids."""
        config = self.config
        return torch.zeros(config.layers, rows, 4 * config.width, device=self._device, dtype=self._dtype)

    def step(self, state: State, call: Call, stack: torch.Tensor) -> None:
        """The next sample of every row. No value leaves the device, no shape depends on one."""
        every, span = torch.arange(len(call.slots), device=self._device), _now(call.span, call.moment)
        condition, out_condition = call.conditions[every, span[:, 0]], call.out_conditions[every, span[:, 0]]
        heard, ages = state.heard[call.slots], state.ages[call.slots]
        self._layers(stack, self._enter(heard, call), self._due(state, call.slots, ages) + condition)
        self._remember(state, call.slots, ages, stack)
        outputs = self._finish(stack, out_condition)
        outputs = self._about(outputs, _now(call.middle, call.moment))
        sounded = self._draw(outputs, call.temperature, _now(call.uniforms, call.moment))
        sounded = torch.where(call.is_forced, _now(call.forced, call.moment), sounded)
        self._give(state, call, heard, sounded, outputs)

    def _enter(self, heard, call):
        """Input of the first layer, (rows, width)."""
        entry = call.entry.index_select(1, call.moment)[:, 0].to(self._dtype)
        return torch.addmm(entry, heard, self._start) if self.config.feedback else entry

    def _due(self, state, slots, ages):
        """(rows, layers, 2 * width): what the past gives to every layer now."""
        ages = ages[:, None]
        kept = state.sums[slots[:, None], self._starts + ages % self._rings]
        return torch.where((ages >= self._dilations)[..., None], kept, 0)

    def _layers(self, stack, x, before):
        width, rows = self.config.width, len(x)
        before = before.to(self._dtype)
        offset = torch.cat([self._res_bias.expand(rows, -1, -1), before], 2)
        stack[0, :, width : 2 * width] = x
        torch.addmm(before[:, 0], x, self._first, out=stack[0, :, 2 * width :])
        for layer, here in enumerate(stack):
            tangents, sigmoids = here[:, 2 * width : 3 * width].tanh_(), here[:, 3 * width :].sigmoid_()
            torch.mul(tangents, sigmoids, out=here[:, :width])
            if layer < len(self._joint):
                following = stack[layer + 1, :, width:]
                torch.addmm(offset[:, layer + 1], here[:, : 2 * width], self._joint[layer], out=following)

    def _remember(self, state, slots, ages, stack):
        """Products of every layer's input with its older taps, put where they are due."""
        width, ages = self.config.width, ages[:, None]
        inputs = stack[..., width : 2 * width]
        nearest, *older = torch.bmm(inputs, self._past).float().transpose(0, 1).split(2 * width, 2)
        slots, soon = slots[:, None], self._starts + (ages + self._dilations) % self._rings
        if older:
            kept = torch.where((ages >= self._dilations)[..., None], state.sums[slots, soon], 0)
            nearest = nearest + kept
            state.sums[slots, self._starts + ages % self._rings] = older[0]
        state.sums[slots, soon] = nearest

    def _finish(self, stack, out_condition):
        """(rows, outputs)"""
        width = self.config.width
        gated, x = stack[..., :width].transpose(0, 1).flatten(1), stack[0, :, width : 2 * width]
        skip = torch.addmm(self._skip_bias, gated, self._skip).addmm_(x, self._skip_start)
        hidden = torch.addmm(out_condition.to(self._dtype), skip.relu_(), self._out).relu_()
        return torch.addmm(self._last_bias, hidden, self._last).float()

    def _about(self, outputs, middle):
        """The mixture's means stand about the excitation's own wave, where the config says so."""
        mixture = self.config.mixture
        if not self.config.direct:
            return outputs
        return torch.cat(
            [outputs[:, :mixture], outputs[:, mixture : 2 * mixture] + middle, outputs[:, 2 * mixture :]], 1
        )

    def _draw(self, outputs, temperature, uniforms):
        if self.config.mixture:
            return draw_mixture(outputs, temperature, uniforms)
        return (draw_class(outputs, temperature, uniforms) - HALF) / HALF

    def _give(self, state, call, heard, sounded, outputs):
        rows = len(call.slots)
        call.outputs.scatter_(1, call.moment[:, None, None].expand(rows, 1, outputs.shape[1]), outputs[:, None])
        call.sounded.scatter_(1, call.moment[:, None].expand(rows, 1), sounded)
        if self.config.feedback:
            state.heard[call.slots] = torch.cat([heard[:, 1:], sounded.to(self._dtype)], 1)
        state.ages.index_add_(0, call.slots, torch.ones_like(call.slots))
        call.moment.add_(1)


def _now(tensor, moment):
    """(rows, samples) -> (rows, 1), the sample to come."""
    return tensor.index_select(1, moment)
