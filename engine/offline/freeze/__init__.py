"""A preset's pad -> recordings of its notes, as models/frozen.py describes them.

plan.py       what is to be recorded: grid, keys, times; and the preset that plays it
bulk.py       many notes through one decoder, as the voices of the synth play them
recording.py  these -> recordings at an even level, by engine.decoder.frozen.forming
"""
