"""The networks: what they are, how they are trained, loaded and written. Knows nothing of engine or window.

config.py (the shape of a model, free of torch) -> wavenet.py (encoder and decoder), spectrum.py (the default
instrument's encoder, level and emphasis), mulaw.py
data/ (notes -> crops) -> training/ -> checkpoints/ (formats) -> pretrained/ (the weights that ship)

`import models` and `models.checkpoints.read` need no torch; `load`, wavenet.py, spectrum.py, data/ and training/ do.
No thread of the engine but the one that starts it may call this room.
"""
