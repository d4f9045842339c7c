"""The compiled loops of the CPU decoder: one call advances all given voices by a block, sample after sample.

    blocks.py      the entry point: a sample of all voices, drawn and fed back
    inputs.py      conditioning at every tick; past samples, harmonics and noise of the moment
    layers.py      the network for one sample of all voices
    sampling.py    outputs -> a sample -> audio
    products.py    matrix products as readable loops; tiles.py the same in vectors; arithmetic.py float32 and int8
    gates.py, waves.py, exponentials.py    what else takes time: a few readable loops, and the same in vectors
    flags.py       atomic flags by which cores wait for each other
    layout.py      every array, by name; structs.py hands them around as pointers to structs
    processor.py   what is chosen for the processor; vectors.py the words that vectors are written in
    compiling.py   how all this is compiled and cached; ../../measure/peak.py what the processor could do at best

What makes it fast, in the order of what it brings:
 * Vectors of 16 numbers said in LLVM's language, tiles of sums that stay in registers (tiles.py).
 * Voices together: a weight that was read serves up to eight of them. With few voices, timesteps take their place
   (layers.look_ahead): the inputs of a layer with dilation d that reach the output in the next d samples are known,
   so the old taps of eight timesteps are multiplied in one go.
 * Past inputs are prefetched a layer early (products.prefetch_rows): no cache predicts where they are.
 * Weights and activations of 8 bits, if wanted: four products an instruction, a quarter of the memory (../stack.py
   quantises).
 * The gate as one rational function (gates.py); harmonics by angles reduced exactly (waves.py).
 * The gates of several layers go to the skip path in one product (layers.forward_layer): its sums stay in registers.

Every sum takes its terms in the same order whatever the block and the number of voices: a voice is the same bit for
bit whoever sounds with it. MANIFOLD_PROCESSOR=plain compiles the readable loops instead of the vectors.
"""
