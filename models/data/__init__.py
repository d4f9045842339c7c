"""Notes: where they come from and what training reads of them.

sound font -> soundfont.py (with programs.py) -> a folder in NSynth's JSON + WAV layout
that layout -> jsonwav.py, NSynth's TFRecord files -> tfrecord.py, either -> nsynth.py (one checked Example at a time)
-> notes.py (in memory) -> crops.py (training batches)

The commands `notes render` and `notes check` make them and look at them.
"""
