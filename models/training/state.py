"""state.pt: all that a run needs to go on exactly as it would have."""

from pathlib import Path

import torch

from common.atomic import replacing
from common.errors import ModelError


def write_state(path: Path, settings, step, **parts) -> None:
    """Write the file whole. parts : what has a state_dict, by name."""
    state = {"settings": settings, "step": step, **{name: part.state_dict() for name, part in parts.items()}}
    with replacing(path) as temporary:
        torch.save(state, temporary)


def read_state(path: Path, settings, **parts) -> int:
    """Fill the parts; returns the step.

    Raises ModelError, one line, where the file is damaged or another run's; then the parts are as they were.
    """
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        found, step, states = state["settings"], state["step"], {name: state[name] for name in parts}
    except Exception as error:  # reading a damaged file can fail in any way
        raise ModelError(f"{path}: not a sound state of a training; remove it to begin anew") from error
    _check_settings(path, found, settings)
    for name, part in parts.items():
        part.load_state_dict(states[name])
    return step


def _check_settings(path, found, wanted):
    for name in sorted(set(found) | set(wanted)):
        if found.get(name) != wanted.get(name):
            raise ModelError(
                f"{path}: this run has {name} {found.get(name)}, not {wanted.get(name)}; "
                "go on with the same settings, or begin another run with another --out"
            )
