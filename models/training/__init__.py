"""Training: one loop (loop.py) over batches and a loss (loss.py); `python -m models.training` runs it.

notes folder -> ../data/crops.py -> loop.py -> state.pt (to resume) and weights.safetensors (to play), every few minutes
"""
