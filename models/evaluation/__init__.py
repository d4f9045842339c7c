"""How an instrument sounds, measured: by estimators that start and play nothing, and share no code with the synth.

A folder of played notes -> played.py (its index), recordings.py (what the notes ought to be)
    -> estimators/ (one sound, or two) -> comparison.py, morphs.py
       on many: identity.py (which family), disentangling.py (pitch in the embedding)
    -> findings.py (figures and goals) -> sound.py (the rows of the table)
tables/: those of the paper
"""
