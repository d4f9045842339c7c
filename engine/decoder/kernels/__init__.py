"""The compiled loops of the CPU decoder: one call advances all given voices by a block, sample after sample.

blocks.py (entry points) -> layers.py (one sample of all voices) -> inputs.py, arithmetic.py; sampling.py makes a sample
of the outputs. layout.py names every array, compiling.py says how the loops are compiled and cached.

Channels come in tiles of 32, padded with zeros, so that every inner loop has a constant length and LLVM turns it into
vectors. Voices are computed in groups of four lanes: a weight that was read serves four voices, and a layer's weights
stay in the first-level cache for all groups. Activations are (tiles, lanes, 32), weights (out tiles, in tiles, 32, 32).
Every output is summed in the same order in all kernels, so a voice does not depend on who sounds with it, bit for bit.
"""
