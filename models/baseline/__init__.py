"""The paper's other model: an autoencoder of spectra, one embedding a note (Engel et al. 2017, section 2.2).

audio -> spectrogram.py (pictures, and Griffin and Lim's way back) -> network.py (torch) of a config.py
pad.py: embeddings in the corners of a pad; models/baseline_maker.py is the process that makes its notes, so that
playing needs no torch

It is trained by training/baseline.py; checkpoints/ reads it, Magenta's too. Torch is in network.py alone.
"""
