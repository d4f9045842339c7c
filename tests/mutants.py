"""Files damaged by chance (R6), as a bad disk, a lost connection or somebody hostile damages them."""

TELLING = b'0123456789-{}[]",:eE./! \n\x00\xff'  # bytes that mean something in one format or another


def mutate(content, head, chance):
    """Up to three changes: a bit flipped, a byte replaced, some bytes removed or doubled.

    content : bytes; head : in so many first ones lie four of five changes; chance : numpy.random.Generator
    returns : bytes
    """
    mutant = bytearray(content)
    for _ in range(chance.integers(1, 4)):
        size = head if chance.random() < 0.8 else len(mutant)
        at = int(chance.integers(0, min(size, len(mutant))))
        span = int(chance.integers(1, 9))
        kind = chance.integers(0, 4)
        if kind == 0:
            mutant[at] ^= 1 << int(chance.integers(0, 8))
        elif kind == 1:
            mutant[at] = int(chance.choice(list(TELLING)))
        elif kind == 2:
            del mutant[at : at + span]
        else:
            mutant[at:at] = mutant[at : at + span]
    return bytes(mutant)
