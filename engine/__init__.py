"""Real time: numpy and numba, free of Qt, and of torch but in decoder/reference.py.

The way of a note
    ports.py (bytes, time) -> midi.py (events) -> server.py / player.py (queue) -> synth.py, which is pure:
        steering.py                      where pad and parameters stand: hands, controllers, what is modulated
        keyboard.py, controllers.py      which voices play, with which bend, vibrato, level and pan
        sound.py, trajectory.py          a preset packed; where each voice stands in it -> latents, every 4 ms
        pitch.py, noise.py               f0 and randomness, sample by sample
        decoder/                         latents, f0, randomness -> audio at the model's rate, all voices in one call
        envelope.py, mixer.py            x envelope, velocity, volume, pan -> stereo; voices.py ties all these together
        resample.py                      -> the device's rate
        effects/                         a chain of effects, empty unless a preset or a player fills it
        limiter.py                       never above the ceiling
    -> ring.py -> stream.py (compiled callback) -> sound card

The way of everything else
    client.py (in the window's process) -> socket, protocol.py -> server.py (main thread of the engine's process)
        -> chores.py: devices (audio_out.py), ports, presets: whatever may take long
        -> player.py: musical events
    and back, when asked: one telemetry.Telemetry
    render.py plays a MIDI file (songfile.py) through the same synth, without any of this.

Plain data that all share: commands.py, telemetry.py, parameters.py; performance.py: a take; tap.py: what sounds, for
the window.

Who may call what
    any process, any thread   commands, telemetry, parameters, midi, Sound.from_preset, render: no shared state
    window, its one thread    client, tap
    engine, main thread       server: reads commands, answers polls, watches the others
    engine, chores thread     chores, audio_out, ports: may block
    engine, render thread     player, synth and all below it: no files, no logging, no waiting; arrays are made at
                              construction, a note's start makes a few small ones
    engine, MIDI threads      ports' callbacks: parse, note the time, enqueue
    audio callback            stream's compiled function on the ring's memory: no Python
"""
