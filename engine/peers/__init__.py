"""What other programs tell the engine beside MIDI notes: the tempo, and OSC.

    peers.py      all of it as one, for the chores thread
    conductor.py  the tempo from whoever gives one, in one place (engine.events.tempo decides): told to the player
    transport.py  JACK's transport, as far as somebody sets a tempo there
    link.py       Ableton Link, where aalink is installed
    mts_esp.py    the tuning of an MTS-ESP master, where its library is installed
    addresses.py  OSC addresses -> commands; pure
    osc.py        a UDP port of this machine's own that hears them

Threading model:
  chores thread : opens, polls and closes all of it, some times a second
  MIDI threads  : `Conductor.tick`
  tuning thread : asks the library of MTS-ESP
  OSC thread    : reads its port, hands commands on
"""
