"""The decoder of harmonic models: every tick the network says levels, in between sines and filtered noise are summed.

opening.py (weights -> decoder) -> decoder.py (what the protocol asks for) -> loops.py (a tick begins, and its samples);
state.py is what is kept of the voices

oracle.py, slow and in double precision, says what is right.
"""
