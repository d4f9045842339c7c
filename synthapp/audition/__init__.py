"""The instrument judged by its sound: presets are played, and what is heard is measured.

extent.py (how much) -> repertoire.py (which notes) -> perform.py (plays them into a folder) -> models.evaluation
(estimators that know nothing of the synth) -> report.py, pictures.py. cost.py adds what playing costs; evaluate.py is
the whole way. parts.py: held-out notes with and without each part of the instrument; reproduce.py: recordings alone,
encoded and played again. One thread, no Qt; the commands `evaluate` call it.
"""
