"""Notes: where they come from and what training reads of them.

sound font -> soundfont.py -> a folder in NSynth's JSON + WAV layout -> notes.py -> Note, audio
-> harmonics.py (tracked phases), ../spectrum.py (log spectra) -> crops.py -> training batches
"""
