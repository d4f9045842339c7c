"""The decoder of frozen pads: recordings instead of a network (models/frozen.py says what they are).

decoder.py   what a voice does with its latents, sample by sample
reading.py   a grid's notes at one phase, mixed
opening.py   weights -> this decoder
"""
