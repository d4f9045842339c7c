"""A recording as numbers about a sound; no network.

recording.py (a note cut out of a sound file) -> pitch.py, partials.py (what it is made of, and where),
doubts.py (what is not one pitch)
-> harmonics.py (taken apart), frames.py (spectrum, level and motion, hop by hop)
-> note.py (all that the default instrument learns from)

Only frames.py and note.py need torch. Any thread may call it: nothing is kept.
"""
