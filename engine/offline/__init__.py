"""The same synth without a clock: render.py plays a song (songfile.py) into an array, takes.py many notes at once.
freeze/ records the notes of a pad, for engine/decoder/frozen to play.

One thread, the caller's.
"""
