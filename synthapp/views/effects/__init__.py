"""The chain of effects, under the pad.

    effects.py   all of it: the cards, or the details of one slot
    card.py      one slot: light, name, its one knob, wet
    details.py   one slot with all its knobs, and what can be done with it
    tempo.py     beats a minute

They show the slots that they are given and tell what the player wants; nothing changes by itself.
"""
