"""Decoders turn latents into audio at the model's rate, one sample after the other, all voices in one call.

    protocol.py   what every decoder offers, and how one is chosen
    opening.py    weights -> a decoder: the only place that names a backend
    choice.py     which precision and how many cores play enough voices here, measured once (speed.py, memory.py)
    cpu/          the one that plays, compiled by numba
    gpu/          the one for networks that are too large for a processor
    frozen/       plays recordings of a pad instead of a network
    baseline/     the same, of recordings that are made when they are first played
    reference.py  the slow torch oracle that says what is right

All keep their voices' history between calls, so a note may be rendered in blocks of any size with the same result, bit
for bit. A decoder renders in one thread.
"""
