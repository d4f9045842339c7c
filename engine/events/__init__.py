"""What a player does, as numbers.

bytes -> midi.py (events) -> controllers.py (bend, vibrato, level and pan of every channel), mpe.py (its zones)
                          -> steering.py (where parameters stand, and by pad.py the pad): sources.py -> modulation.py
                          -> keys.py (which key sounds where one can), arpeggio.py, tempo.py, chance.py
                          -> programs.py (which preset), tuning.py (what keys sound at)

Pure: no threads, devices or files.
"""
