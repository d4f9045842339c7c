"""Training: one loop for every model; the command `train` runs it.

A task (task.py) says what is learnt: instrument.py, levels.py, paper.py, baseline.py; loss.py and encoding/levels.py
have what the first two lower.
notes -> task.draw(step) -> batches.py (rows of one process) -> trainer.py (gradient, optimiser, moving average)
-> record.py -> state.py (to go on from), progress.py, pictures.py, weights.safetensors (to play)
processes.py connects the processes that torchrun starts; signals.py lets a run save before it stops.

A batch depends on seed and step alone, and a loss is a mean over its rows. So a run that goes on is the run that never
stopped, bit for bit, and many processes learn what one does, up to rounding. A new model is one new task.
"""
