"""Sounds made from recordings.

audiofile.py     sound files and embeddings, read and written
own_sound.py     a recorded note into a corner; notes.py reads how a player calls it
sound_loader.py  has that done for the window: request.py -> encoder.py, a process of its own that stays warm
factory.py       the presets that ship, made from the training notes; into runs/factory until they are meant to
"""
