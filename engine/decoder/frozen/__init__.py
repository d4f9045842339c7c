"""The decoder of frozen pads: recordings instead of a network (models/frozen.py says what they are).

forming.py  notes as they were played -> recordings at an even level and one phase, with a loop
opening.py  weights -> decoder.py, a Decoder like any other
loops.py    compiled: a voice, sample by sample; the notes around a place, read at one phase and mixed
"""
