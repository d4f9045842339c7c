"""The decoder that plays on a CPU, compiled by numba.

packing.py, stack.py   weights as the kernels read them (ranges.py: the largest inputs, for int8)
decoder.py             the Decoder, over kernels/ and cores.py (docs/kernels.md: data, one sample, how to change them)
"""
