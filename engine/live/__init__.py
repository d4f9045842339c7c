"""Clocks, threads and devices around the synth: what makes it sound now.

    ports.py (bytes, time) -> player.py (queue, render thread; clock.py, cushion.py, shedding.py) -> ring.py
    -> stream.py (compiled callback; audio_out.py opens it) -> sound card
    server.py (main thread of the engine's process) reads what engine.client sends -> chores.py: whatever may take long
    (effects.py: the chain that plays; tape.py: what was played lately)

Threading
    main thread    server
    chores thread  chores, audio_out, effects, ports: may block
    render thread  player, and the synth below it: no files, no logging, no waiting
    MIDI threads   ports' callbacks: parse, note the time, enqueue
    audio callback stream's compiled function on the ring's memory: no Python
"""
