"""What a person sees and types: the window (PySide6) and the commands.

window.py    builds and connects the views; with poller.py the only place in the window that touches engine.client
poller.py    asks the engine for telemetry on a timer
session.py   the preset being played and what the player changed; free of Qt
autosave.py  the session, kept for the next start
settings.py  devices, window and octave, kept for the next start
screen.py    whether there is a screen to open a window on
progress.py  bars for long work, on a terminal
docs.py      tables in the documents, written by the commands that measure

views/       widgets with their painting; they know neither the engine's client nor the session
sounds/      sounds made from recordings: a player's own, and the factory's
commands/    the command line, one file a command
audition/    plays presets and judges the playing

The way of a gesture: view signal -> window -> session and `client.send(command)`. The way back: poller -> telemetry ->
window -> views. Views never call the engine, and the pad draws the position that the engine reports.

Threads: the window and all views live in the GUI thread of the window's process. Everything else here is called by one
thread of whoever needs it; commands that run for the window (a sound of one's own) do so in a process of their own.
"""
