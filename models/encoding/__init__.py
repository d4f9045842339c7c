"""A recording -> its embedding.

clips.py (as the encoder hears it), fit.py (levels near the recording's; levels.py says how near),
matching.py (nearer still, by playing it)
"""
