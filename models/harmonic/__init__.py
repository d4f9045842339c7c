"""The default instrument: harmonics, free partials and noise at levels that a network gives; no WaveNet.

The way of a note into it: lines.py (free partials: what lies between the harmonics and lasts) -> note.py (a recording
taken apart) -> encoding.py (its embedding, and how far the recording is from what the network says of that)
The way out: network.py (embedding -> levels), bands.py (levels -> a filter for noise); engine/decoder/additive plays.

config.py and bands.py need no torch. After DDSP (Engel et al. 2020, https://arxiv.org/abs/2001.04643) and
Serra and Smith 1990, "Spectral modeling synthesis", Computer Music Journal 14(4).
"""
