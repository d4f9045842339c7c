"""What stands around the pad: envelope, voice knobs, meter (ballistics.py), connections, status, notices, dialogs."""
