"""Keys.

piano.py (drawn; piano_layout.py: where its 88 keys lie), computer_keyboard.py (note_keys.py: which key plays what;
layout.py: where the keys lie, and the letters on them)
"""
