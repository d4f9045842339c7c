"""A recording -> its embedding.

clips.py (as the encoder hears it), fit.py (levels near the recording's), matching.py (nearer still, by playing it)
"""
