"""A recording as numbers about a sound; no network.

recording.py (a note cut out of a sound file) -> pitch.py, partials.py (what it is made of, and where)
-> harmonics.py (taken apart) -> note.py (all that the default instrument learns from)
"""
