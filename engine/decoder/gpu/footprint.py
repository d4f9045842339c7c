"""What a thread block needs, so that nothing is compiled that does not fit: the arithmetic of kernel/sizes.h."""

from engine.decoder.gpu.shapes import LANES, TILE, Shape, filled

WORD = 4  # bytes
ARRIVAL_WORDS = 2
ALIGNED = 128  # bytes, of the slots of weights


def shared_bytes(shape: Shape) -> int:
    """Shared memory of a thread block; `tell` in kernel.cu says the same."""
    fixed = filled(filled(WORD * _fixed_words(shape), 8), ALIGNED)
    return fixed + WORD * shape.spread.slots * _slot_words(shape)


def _rows(shape):
    """Rows of a block: (gates, those that h is multiplied with, old taps, first stage, out1, logits)."""
    gates, skips = shape.gates, shape.dealt(shape.skip)
    logits = shape.dealt(shape.config.outputs, words=False)
    return gates, gates + gates // 2 + skips, (shape.config.taps - 1) * gates, gates + skips, skips, logits


def _slot_words(shape):
    gates, from_h, old, first, skips, logits = _rows(shape)

    def words(rows, inputs):
        rows, packed = filled(rows, 8), {"float32": 1, "fp16": 2, "int8": 4}[shape.spread.weights]
        return rows * inputs // packed + (rows if packed == 4 else 0)

    front = max(words(first, shape.width), words(old, shape.width))
    urgent = words(gates, shape.width) + words(from_h, shape.width)
    return front + max(urgent, words(skips, shape.skip) + words(logits, shape.skip))


def _products(shape):
    """(tiles of rows, inputs) of each product."""
    gates, from_h, old, first, skips, logits = (filled(rows, TILE) // TILE for rows in _rows(shape))
    inputs_wide = [(tiles, shape.width) for tiles in (gates + from_h, old, first)]
    return inputs_wide + [(tiles, shape.skip) for tiles in (skips, logits)]


def _jobs(shape, tiles, inputs):
    """Tiles times the warps that share the inputs of each."""
    parts, warps = 1, shape.spread.threads // 32
    while tiles * parts * 2 <= warps and inputs // TILE % (parts * 2) == 0:
        parts *= 2
    return tiles * parts


def _fixed_words(shape):
    """Of `Shared` in sizes.h, in its order."""
    config, voices, each = shape.config, shape.spread.voices, 2 if shape.half else 1
    gates, _, _, _, skips, logits = _rows(shape)
    channels, products = gates // 2, _products(shape)
    operands = (shape.width + max(shape.width, shape.skip)) * LANES // each
    partial = max(128 * max(_jobs(shape, *product) for product in products), voices * config.outputs)
    sums = 128 * max(tiles for tiles, _ in products)
    biases = config.layers * channels + skips + logits + (config.taps + 1) * shape.width
    states = (gates + 2 * skips + channels + 4 + 1) * voices
    message = 3 * max(-(-words * voices // 3) for words in (2 * channels // each, skips // each, logits))
    return 2 * shape.spread.slots * ARRIVAL_WORDS + operands + partial + sums + biases + states + message
