"""The decoder of frozen pads: recordings instead of a network (models/frozen.py says what they are).

opening.py  weights -> decoder.py, a Decoder like any other
loops.py    compiled: a voice, sample by sample; the notes around a place, read at one phase and mixed
"""
