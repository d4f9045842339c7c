"""How much of each corner sounds, in words and whole percents."""


def describe(names, weights) -> str:
    """'62 % Flute, 38 % Bass': loudest first, whole percents that sum to 100, nothing below half a percent."""
    percents = whole_percents(weights)
    shares = sorted(zip(percents, names, strict=True), key=lambda share: -share[0])
    return ", ".join(f"{percent} % {name}" for percent, name in shares if percent)


def whole_percents(weights) -> list[int]:
    """Weights that sum to 1 as whole percents that sum to 100 (largest remainders are rounded up)."""
    exact = [100 * weight for weight in weights]
    percents = [int(value) for value in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: percents[i] - exact[i])
    for i in by_remainder[: 100 - sum(percents)]:
        percents[i] += 1
    return percents
