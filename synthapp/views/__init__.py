"""Widgets with their painting, a room each: pad/, effects/, moving/, sight/, keys/, panel/, library/. They know no
engine client and no session.

theme.py     the palette and the one style sheet
hues.py      a colour for every sound
scales.py    how a parameter's value maps to a knob's way and to text
strip.py     tabs under the pad
gestures.py  where one gesture ends and the next begins, over all widgets
"""
