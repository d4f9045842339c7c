"""The same synth without a clock: render.py plays a song (songfile.py) into an array, takes.py many notes at once.

One thread, the caller's.
"""
