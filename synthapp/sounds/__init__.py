"""Sounds made from recordings.

audiofile.py     sound files, read; wavfile.py writes them, npyfile.py reads and writes embeddings
own_sound.py     recorded notes or an embedding into a corner; playable.py: rows of a sound, parameters of a preset,
                 what a sum needs; notes.py reads how a player calls a note
sums.py          A : B :: C : ? and the like, of corners, embeddings and recordings; decoding.py: an embedding as WAV
sound_loader.py  has that done for the window: request.py -> encoder.py, a process of its own that stays warm
factory/         presets in bulk: for any weights from notes of many instruments, and those that ship
recorder.py      what is played, kept: by the engine as a take, by the command `take` as WAV and MIDI files
freezer.py       a preset's pad into a folder of recordings; sfz.py, the same for other samplers
"""
