"""Effects between the voices and the limiter: stereo, at the device's rate.

    Resampler -> chain.py (up to eight inserts, one after the other) -> Limiter

processor.py    what an effect is, and a hosted plug-in: prepare, reset, process; latency, tail, parameters
insert.py       an effect in its place: bypass, wet and dry, in time with each other
chain.py        inserts in a row, and how the row changes while it plays
kinds.py        which effects there are, and their parameters: plain data, for the window, too
table.py        a preset's slots -> inserts. A new effect is one file here and one line in kinds.py
glide.py        parameters, and numbers that go where they are asked to be without an edge
board.py        reverb, chorus, filter: pedalboard's
oversampling.py eight times the samples and back, for drive.py
delay.py, drive.py, eq.py, compressor.py, width.py

Pure: no threads, devices or files. Whoever makes and prepares an insert may take his time over it; once it is in a
chain that plays, the render thread alone calls it, until the chain has let go of it.
"""
