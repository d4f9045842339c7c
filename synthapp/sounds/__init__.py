"""Sounds made from recordings.

audiofile.py     sound files, read; wavfile.py writes them, npyfile.py reads and writes embeddings
own_sound.py     a recorded note into a corner; sound_loader.py runs it for the window, in a process of its own
factory.py       the presets that ship, made from the training notes; into runs/factory until they are meant to
"""
