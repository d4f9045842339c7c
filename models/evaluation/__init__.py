"""How an instrument sounds, measured: python -m models.evaluation sound [--help].

`python -m synthapp.audition.perform` plays (a process of its own: nothing here shares code with the synth)
    -> played.py (its folder), recordings.py (what the notes ought to be)
    -> on one sound: level.py, pitch.py, partials.py, envelope.py, stability.py, strokes.py
       on two: distance.py, comparison.py, morphs.py
       on many: identity.py (which family), disentangling.py (pitch in the embedding)
    -> findings.py (figures and goals) -> sound.py (the table) -> report.py, pictures.py
"""
