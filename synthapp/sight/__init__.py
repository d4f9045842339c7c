"""What sounds, made visible in the strip under the pad.

control.py   reads the engine's ring (engine.tap) and telemetry, and feeds synthapp.views.sight
spectrum.py  a constant-Q spectrum, column by column; curves.py: the embedding of a sounding note. Free of Qt

Everything runs in the window's thread, on a budget: a picture that took long is followed by a longer pause.
"""
