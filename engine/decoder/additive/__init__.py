"""The decoder of harmonic models: every tick the network says levels, in between sines and filtered noise are summed.

opening.py (weights -> decoder) -> decoder.py (what the protocol asks for) -> levels.py (a tick begins)
-> waves.py (its samples); state.py is what both keep of the voices

models/harmonic/oracle.py says what is right.
"""
