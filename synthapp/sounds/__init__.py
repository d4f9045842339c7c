"""Sounds made from recordings.

audiofile.py     sound files, read; wavfile.py writes them, npyfile.py reads and writes embeddings
own_sound.py     a recorded note into a corner; notes.py reads how a player calls it
sound_loader.py  has that done for the window: request.py -> encoder.py, a process of its own that stays warm
factory.py       the presets that ship, made from the training notes; into runs/factory until they are meant to
freezer.py       a preset's pad into a folder of recordings; sfz.py, the same for other samplers
"""
