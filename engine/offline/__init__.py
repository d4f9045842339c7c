"""The same synth without a clock: render.py plays a song (songfile.py) into an array, takes.py many notes at once.
scala.py reads tunings. replay.py plays a take (engine/performance.py) again, songwriter.py makes a MIDI file of it.
freeze/ records the notes of a pad, for engine/decoder/frozen to play. loudness.py measures presets, and levels them.

One thread, the caller's.
"""
