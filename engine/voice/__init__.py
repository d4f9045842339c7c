"""One note, and all that sound together: rows of arrays, slot by slot.

    keyboard.py         keys, pedals and the arpeggio -> which voices begin, go on and end
    allocator.py        which slot a note plays in, and which voice goes for it
    sound.py            a preset packed -> trajectory.py: where each voice stands in it -> latents, every tick
    blend.py            where a voice stands on the pad -> how much of each sound it has
    pitch.py, noise.py  f0 and randomness, sample by sample
    source.py           latents, f0, randomness -> decoder -> audio; where the network is not told the pitch, through
    varispeed.py        which reads each voice's stream at a speed of its own
    envelope.py         x attack, decay, release and velocity
    voices.py           ties all these to the decoder

Pure: no threads, devices or files; the render thread calls it.
"""
