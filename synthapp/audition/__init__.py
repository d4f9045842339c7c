"""The instrument judged by its sound: presets are played, and what is heard is measured.

repertoire.py (which notes) -> perform.py (plays them into a folder) -> models.evaluation (estimators that know nothing
of the synth) -> report.py, pictures.py; evaluate.py is the whole way.
"""
