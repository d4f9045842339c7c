"""What moves the sound, under the pad.

play.py        one voice or many, glide, unison, the arpeggio
modulation.py  the orbit, the gesture on the pad, and which controller moves what
chips.py       routes as chips: a click takes one away
"""
