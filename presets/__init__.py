"""Presets: what a sound is, its file, and the player's library. Knows nothing of engine or window; any thread may call.

preset.py   Preset and EmbeddingSet, valid by construction
pad.py      where sounds stand on the pad, and how much of each is heard at a place
file.py     Preset <-> bytes <-> one `.manifold` file (safetensors; all but the latents is JSON in its header)
schema/     that JSON, one file a version: all that were ever written are read
programs.py which preset a MIDI program is
latents.py  how the latents in it are stored: as small as loses nothing
sounds.py   files of single sounds, smaller still, that several presets name: how the factory's are kept
effects.py  a preset's chain of effects, as data
movement.py what moves a sound while it is played, as data
space.py    the chain that a factory preset is heard through
arithmetic.py  sums of sounds: A : B :: C : ?, mixed, stretched, reversed, cross-faded
looping.py  encoded notes -> a sound that can be held for ever
library.py  the player's folder and the factory presets: list, find, save, rename, duplicate, delete; undo of these
factory/    the presets that ship, read-only; factory/sounds/ what they sound of, each sound once
"""
