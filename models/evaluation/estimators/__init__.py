"""Numbers about what is heard, from arrays alone; no estimator shares code with the synth.

On one sound: level.py, pitch.py, partials.py, envelope.py, stability.py, strokes.py; on two: distance.py
"""
