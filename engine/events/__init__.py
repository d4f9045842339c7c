"""What a player does, as numbers.

bytes -> midi.py (events) -> controllers.py (bend, vibrato, level and pan of every channel)

Pure: no threads, devices or files.
"""
