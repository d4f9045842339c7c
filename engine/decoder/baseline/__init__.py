"""The decoder of the baseline's pads: recordings, as of a frozen pad, that are made when they are first wanted.

opening.py  weights -> growing.py, a Decoder like any other, with
child.py    the process that makes the notes (models.baseline_maker.py): it owns torch, playing does without
cells.py    which notes are there, which is to be made next, and which stands for one that is not there yet

Threads: the render thread plays and says which cells it touches; one thread beside it waits for the process.
"""
