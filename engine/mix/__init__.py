"""From the voices to the device.

mixer.py (stereo, at the model's rate) -> resample.py (the device's rate) -> ../effects/ -> limiter.py

Pure: no threads, devices or files; the render thread calls it.
"""
