"""What an instrument costs to play: the one row of the table that is not about its sound."""

from engine.decoder.measure import bench
from models import checkpoints
from models.checkpoints.kinds import WAVENET
from models.evaluation.findings import Finding
from models.evaluation.sound import Row

VOICES = 8  # that one core is to play


def cost(weights) -> Row:
    """Voices in real time on one core, as `bench` counts them. weights : a file"""
    checkpoint = checkpoints.read(weights)
    if checkpoint.kind == WAVENET:
        voices = bench.measure(checkpoint)["voices"]["float32 x 1"]
    else:
        voices = bench.measure_alone(checkpoint)["voices"]
    return Row("voices in real time on one core", str(VOICES), {"": Finding(str(voices), voices >= VOICES, voices)})
