"""What every room may use. Imports no other room.

errors.py (the one family), lines.py (text that can be shown), regular.py (files and nothing else are opened),
atomic.py (files written whole), paths.py, pitch.py (keys and Hz), smoothing.py (one-pole)
"""
