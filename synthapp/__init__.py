"""What a person sees and types: the window (PySide6) and the commands.

window.py          builds and connects the views; with poller.py the only place in the window that touches engine.client
poller.py          asks the engine for telemetry on a timer
preset_control.py  what a player does with sounds and presets, each a step that can be taken back
session.py         the preset being played and what the player changed
chain.py           what a player does to a chain of effects
moving.py          what moves a sound, as the window shows it; moving_control.py does what is asked for there
plugins.py         the plug-ins of this machine, and the scan that finds them
history.py         undo and redo: the session before and after every step, and what the step did to files
autosave.py        session and history, kept for the next start; undo_file.py is how the history lies on disk
last_state.py      the next start: what was kept, and what is to be told where it cannot be used
settings.py        devices, window and octave, kept for the next start
screen.py          whether there is a screen to open a window on
progress.py        bars for long work, on a terminal
docs.py            tables in the documents, written by the commands that measure

sight/       what sounds, made visible: from the engine's ring to the tab under the pad
views/       widgets with their painting; they know neither the engine's client nor the session
sounds/      sounds made from recordings: a player's own, and the factory's
commands/    the command line, one file a command
audition/    plays presets and judges the playing
figures/     the paper's figures, on any notes and any weights
paper/       the paper's tables

One file more than fifteen: what a gesture passes through lies side by side.

The way of a gesture: view signal -> window -> preset_control -> session, history and `client.send(command)`; nothing
from there down to the session knows Qt. The way back: poller -> telemetry -> window -> views. Views never call the
engine, and the pad draws the position that the engine reports.

Threads: the window and all views live in the GUI thread of the window's process. Everything else here is called by one
thread of whoever needs it; commands that run for the window (a sound of one's own) do so in a process of their own.
"""
