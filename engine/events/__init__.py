"""What a player does, as numbers.

bytes -> midi.py (events) -> controllers.py (bend, vibrato, level and pan of every channel)
                          -> programs.py (which preset), tuning.py (what keys sound at)

Pure: no threads, devices or files.
"""
