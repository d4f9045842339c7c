"""The window (PySide6). One widget a file; everything here lives in the GUI thread of the window's process.

window.py    builds and connects all the others; with poller.py the only place that touches engine.client
poller.py    asks the engine for telemetry on a timer
theme.py     the palette and the one style sheet

Models, free of Qt:
session.py   the preset being played and what the player changed
blend.py     how much of each corner sounds, in words
hues.py      a colour for every sound
scales.py    how a parameter's value maps to a knob's way and to text
note_keys.py computer keys -> notes
trail.py     where the sound has been on the pad
ballistics.py  how a meter rises, falls and holds
piano_layout.py  where the 88 keys lie

Views:
pad.py (with pad_painting.py), piano.py, knob.py, envelope.py, voice_panel.py, meter.py, preset_list.py,
connections.py, status.py, notice.py, dialogs.py, corner_button.py and loading_line.py (a sound of one's own, on its
way); computer_keyboard.py listens to the keys everywhere in the window

The way of a gesture: view signal -> window -> session and `client.send(command)`. The way back: poller -> telemetry ->
window -> views. Views never call the engine, and the pad draws the position that the engine reports.

cli.py       the commands (options.py, conversions.py, progress.py, doctor.py, audiofile.py); imports no Qt
autoencode.py  clips to embeddings and back, for the commands; own_sound.py a recorded note into a corner, for the
             command, and by sound_loader.py in a process of its own for the window
factory.py   makes the factory presets from the training notes
audition.py  plays what models.evaluation measures: repertoire.py (which notes), takes.py (as live, many at once)
"""
