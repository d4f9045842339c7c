"""What stands around the pad: envelope, voice knobs, meter (ballistics.py), connections, status, dialogs; and what lies
over it for a while: notices and loading."""
