"""The way of a sample through the decoder, as loops that can be read.

blocks.py      the entry point: a sample of all voices, drawn and fed back
inputs.py      conditioning at every tick; past samples, harmonics and noise of the moment
layers.py      the network for one sample of all voices, over products.py (matrix products)
sampling.py    outputs -> a sample -> audio
"""
