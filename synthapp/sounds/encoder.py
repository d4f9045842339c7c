"""A process that encodes sound files on request and keeps torch and the network ready between two of them.

`python -m synthapp.sounds.encoder`. On the standard input: a `Request` a line, in JSON. On the standard output: what
was found in the file, a line, as soon as it is known; then an `Answer`, in JSON. The process ends with its input.

A file is looked at before torch is imported, so that what is no sound is refused at once.
"""

import sys
from functools import lru_cache
from pathlib import Path

import msgspec

from common.errors import SynthError
from synthapp.sounds.notes import parse_note
from synthapp.sounds.request import Answer, Request


def serve(lines, work) -> None:
    """Answer requests until there are no more. work : does what a Request asks for; raises SynthError"""
    for line in lines:
        answer = _answer(line, work)
        print(msgspec.json.encode(answer).decode(), flush=True)


def _answer(line, work):
    try:
        work(msgspec.json.decode(line, type=Request))
    except SynthError as error:
        return Answer(error.status, str(error))
    except ModuleNotFoundError as error:
        return Answer(
            1, f"this needs {error.name}, which is not installed; {sys.executable} -m pip install {error.name}"
        )
    except MemoryError:
        return Answer(1, "out of memory; close other programs or give a shorter sound")
    except Exception as error:  # a defect: the next request may fare better
        return Answer(1, f"the sound cannot be encoded: {error!r}; please report it")
    return Answer()


def encode(request: Request) -> None:
    """Write the preset that is asked for. Raises SynthError."""
    from synthapp.sounds.audiofile import check_audio
    from synthapp.sounds.npyfile import SUFFIX

    path = Path(request.path)
    if request.path and path.suffix.lower() != SUFFIX:
        check_audio(path)
    checkpoint, encoder = _open(request.source)
    if not request.path:
        return
    from common.pitch import key_hz
    from presets.library import load_preset
    from synthapp.sounds import own_sound

    hz = None if request.note is None else key_hz(_note(request.note))
    base = load_preset(request.preset)
    own_sound.write_preset_with(checkpoint, [path], Path(request.output), base, request.corner, hz, encoder)


def _note(text):
    try:
        return parse_note(text)
    except ValueError as error:
        raise SynthError(str(error)) from None


@lru_cache(maxsize=1)
def _open(source):
    from models import checkpoints
    from synthapp.sounds import own_sound
    from synthapp.sounds.playable import with_frames

    checkpoint = with_frames(checkpoints.read(source))
    return checkpoint, own_sound.open_encoder(checkpoint)


if __name__ == "__main__":
    serve(sys.stdin, encode)
