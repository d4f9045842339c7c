"""What every room may use. Imports no other room.

errors.py (the one family), atomic.py (files written whole), paths.py, pitch.py (keys and Hz), smoothing.py (one-pole)
"""
