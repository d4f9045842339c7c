"""Presets made in bulk, of many notes of many instruments.

for weights of one's own   sources.py (notes of a sound font, or NSynth's) -> encoding.py (one instrument: its notes ->
    a sound; every core; what was encoded is kept, so that an interrupted run goes on) -> making.py (sounds -> presets
    in the player's library, weights among the player's weights)
for the program            shipped.py: the presets that ship, from the training notes; into runs/factory at first
both                       recipes.py: which instruments make one preset
"""
