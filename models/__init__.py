"""The networks: what they are, how they are trained, loaded and written. Knows nothing of engine or window.

The way to the weights: data/ (notes -> crops) -> training/ -> checkpoints/ (formats) -> pretrained/ (those that ship)
-> evaluation/ (how they sound)

The WaveNet: config.py (its shape) -> wavenet.py (encoder and decoder), spectral.py (a small encoder), excitation.py
(harmonics and noise that may drive it), mulaw.py; generate.py plays it slowly; threads.py (torch on one core)
The default instrument: harmonic/ (harmonics, free partials and noise at levels that a network gives). frozen.py:
recordings that take the place of a network; baseline/: the paper's other model, an autoencoder of spectra

The way of a note into it: analysis/ (cut out of a sound file, and taken apart) -> encoding/ (its embedding, fitted)

`import models`, config.py, excitation.py, mulaw.py, baseline/ but for network.py, analysis/ but for
frames.py and note.py, and `models.checkpoints.read` need no torch; most others do.
No thread of the engine but the one that starts it may call this room.
"""
