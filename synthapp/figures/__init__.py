"""The paper's figures (Engel et al. 2017) on any notes and any weights, each a picture that can be heard.

choice.py       which notes of a source a figure takes
systems.py      weights that encode and decode: what the figures compare
rainbowgram.py  a constant-Q transform as a picture
figures.py      figures 2, 3 and 4; correlation.py: figure 5
album.py        the folder that they are put into: pictures, sounds, one page that shows and plays them

The commands are in synthapp/commands/figures.py. A new kind of model is one line in `systems.SYSTEMS`.
"""
