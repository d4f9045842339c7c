"""The timbre pad: pad.py (gestures) over pad_painting.py and note_painting.py; names.py and point_button.py (what
stands for each sound); dropping.py judges what was dropped.

trail.py and blend.py are models free of Qt: where the sound has been, and how much of each sound is heard.
"""
