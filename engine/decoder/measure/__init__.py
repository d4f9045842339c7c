"""How fast decoders are.

bench.py compares the CPU's with torch (torch_loop.py) and with the processor's best (peak.py).
"""
