"""The compiled loops of the CPU decoder: one call advances all given voices by a block, sample after sample.

    blocks.py      the entry point: a sample of all voices, drawn and fed back
    inputs.py      conditioning at every tick; past samples, harmonics and noise of the moment
    layers.py      the network for one sample of all voices
    sampling.py    outputs -> a sample -> audio
    products.py, gates.py, waves.py, softmax.py    what takes the time: a few readable loops, and the same in vectors
    layout.py      every array, by name; references.py how they are handed around
    processor.py   what is chosen for the processor; vectors.py the words that vectors are written in
    compiling.py   how all this is compiled and cached

What makes it fast, in the order of what it brings:
 * Vectors of 16 numbers said in LLVM's language, tiles of sums that stay in registers (products.py).
 * Old taps ahead of time (layers.look_ahead): the inputs of a layer with dilation d that reach the output in the next
   d samples are known, so eight moments of a voice are multiplied in one go. Only the newest tap and the residual path
   depend on the sample before, and those of all voices are multiplied together.
 * The gate as one rational function (gates.py); harmonics by angles reduced exactly (waves.py).

Every sum takes its terms in the same order whatever the block and the number of voices: a voice is the same bit for
bit whoever sounds with it. MANIFOLD_KERNELS=plain compiles the readable loops instead of the vectors.
"""
