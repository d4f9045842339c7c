"""Some keys of a pad -> their recordings."""

from collections.abc import Callable

from engine.decoder.frozen.forming import Formed, form, grid_weights
from engine.decoder.protocol import Decoder
from engine.offline.freeze.bulk import Note, latents_of, play_notes
from engine.offline.freeze.plan import VELOCITY, Plan, frozen_preset
from engine.voice.sound import Sound
from models.frozen import Channel
from presets.preset import Preset


def record_keys(
    keys: tuple[int, ...], preset: Preset, decoder: Decoder, plan: Plan,
    progress: Callable[[float], object] = lambda share: None,
) -> list[Formed]:  # fmt: skip
    """The recordings of each key, at all points of the grid.

    decoder : of the preset's weights, with as many slots as these are notes; progress : is told the share done
    """
    points = plan.config.points
    notes = [Note(key, weights) for key in keys for weights in plan.weights]
    times = VELOCITY, plan.held, plan.config.samples
    audio, latents = play_notes(notes, decoder, Sound.from_preset(preset, decoder.config), *times, progress)
    frozen = Sound.from_preset(frozen_preset(preset, plan), plan.config)
    played = [Note(key, weights) for key in keys for weights in grid_weights(plan.config.side)]
    fall_db = latents_of(played, plan.config, frozen, *times)[..., Channel.LEVEL_DB]
    rows = [slice(first, first + points) for first in range(0, len(notes), points)]
    return [
        form(audio[row], latents[row], fall_db[row], key, plan, decoder.config)
        for key, row in zip(keys, rows, strict=True)
    ]
