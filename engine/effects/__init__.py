"""Effects between the voices and the limiter: stereo, at the device's rate.

    Resampler -> chain.py (up to eight processors, one after the other) -> Limiter

processor.py    what an effect is, and a hosted plug-in: prepare, reset, process; latency and tail
chain.py        many of them as one
table.py        name -> maker: a new effect is one file here and one line there

Pure: no threads, devices or files. Whoever makes a processor may take his time over it; from `prepare` on the render
thread alone calls it.
"""
