"""Kernels said in LLVM's own language, and the words they are written in.

vectors.py      the words: vectors of 16 floats, their memory, loops
arithmetic.py   float32 and int8 -> tiles.py: sums of products that stay in registers
gates.py, waves.py, exponentials.py    what else takes time: a few readable loops, and the same in vectors
structs.py     structs of arrays, handed around as pointers; flags.py atomic flags by which cores wait for each other
"""
