"""NSynth's JSON + WAV form: examples.json, {note_str: annotation}, and audio/<note_str>.wav."""

import json
import re

import soundfile

CHUNK = 1 << 16  # characters read at a time; the training set's file has over a hundred million
MAX_ENTRY = 1 << 20  # characters of one annotation
ITEM = re.compile(r'\s*[{,]\s*("(?:[^"\\]|\\.)*")\s*:\s*')
END = re.compile(r"\s*(\{\s*)?\}\s*")


def read_entries(path):
    """(note_str, annotation) of examples.json one at a time, never the whole file.

    Raises ValueError where it is damaged, naming the last note before.
    """
    decoder, text, at, name = json.JSONDecoder(), "", 0, "its start"
    with path.open(encoding="utf-8", errors="replace") as file:
        while True:
            found = _next_item(decoder, text, at)
            if found:
                name, entry, at = found
                if not isinstance(entry, dict):
                    entry = {}  # the check names what it lacks
                yield name, entry
            elif len(text) - at < MAX_ENTRY and (chunk := file.read(CHUNK)):
                text, at = text[at:] + chunk, 0
            else:
                break
    if not END.fullmatch(text, at):
        raise ValueError(f"examples.json is damaged after {name}")


def _next_item(decoder, text, at):
    """(key, value, next position), or None where the text holds no whole item."""
    item = ITEM.match(text, at)
    if not item:
        return None
    try:
        value, end = decoder.raw_decode(text, item.end())
        return json.loads(item[1]), value, end
    except (ValueError, RecursionError):
        return None


def read_audio(path, rate, samples):
    """float32 (samples,) of one WAV. Raises ValueError where it is not that: mono, of that rate and length."""
    try:
        with soundfile.SoundFile(path) as file:
            if (file.channels, file.samplerate, file.frames) != (1, rate, samples):
                found = f"{file.channels} channels of {file.frames} samples at {file.samplerate} Hz"
                raise ValueError(f"{path.name} has {found}, must have 1 of {samples} at {rate}")
            return file.read(dtype="float32")
    except soundfile.LibsndfileError as error:
        raise ValueError(f"{path.name} cannot be read ({error.error_string})") from error
