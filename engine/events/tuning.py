"""How keys are tuned beside equal temperament: what system exclusive messages say of it, and the table that results.

Source: MIDI Tuning Standard, universal system exclusive messages 08 (CA-020, CA-021, RP-020); device control 04.
"""

import math

import numpy as np

from engine.commands import MusicalEvent, TuneKeys, TuneMaster, TuneScale

KEYS, _OCTAVE = 128, 12
_UNIVERSAL = (0x7E, 0x7F)  # non real time, real time
_MASTER_FINE, _MASTER_COARSE = (0x04, 0x03), (0x04, 0x04)
_BULK, _SINGLE, _SINGLE_OF_BANK = (0x08, 0x01), (0x08, 0x02), (0x08, 0x07)
_OCTAVE_COARSE, _OCTAVE_FINE = (0x08, 0x08), (0x08, 0x09)
_NAME = 16  # letters of a bulk dump's name
_UNCHANGED = (0x7F, 0x7F, 0x7F)


class Tuning:
    """semitones : float64 (128,), what every key sounds at beside its own number; silent : keys that play nothing"""

    def __init__(self):
        self.semitones = np.zeros(KEYS)
        self.silent: frozenset[int] = frozenset()
        self._keys = np.zeros(KEYS)
        self._cents = self._coarse = 0.0

    def reset(self) -> None:
        """Equal temperament."""
        self._keys[:] = self._cents = self._coarse = 0.0
        self.silent = frozenset()
        self._add_up()

    def copy(self, other: "Tuning") -> None:
        """Be tuned as the other is."""
        self._keys[:], self._cents, self._coarse = other._keys, other._cents, other._coarse
        self.silent = other.silent
        self._add_up()

    def apply(self, event: TuneKeys | TuneScale | TuneMaster) -> None:
        """From now on."""
        match event:
            case TuneKeys(keys, silent):
                self.silent = self.silent if silent is None else frozenset(silent)
                for key, semitones in keys:
                    if 0 <= key < KEYS and math.isfinite(semitones):
                        self._keys[key] = semitones - key
            case TuneScale(octave) if len(octave) == _OCTAVE and np.isfinite(octave).all():
                self._keys[:] = np.resize(np.array(octave) / 100, KEYS)
            case TuneMaster(cents, coarse):
                self._cents = self._cents if cents is None or not math.isfinite(cents) else cents
                self._coarse = self._coarse if coarse is None or not math.isfinite(coarse) else coarse
        self._add_up()

    def events(self) -> list[MusicalEvent]:
        """What tunes equal temperament as this is tuned."""
        tuned = tuple((int(key), float(key + self._keys[key])) for key in np.flatnonzero(self._keys))
        keys = TuneKeys(tuned, tuple(sorted(self.silent)) or None)
        master = TuneMaster(float(self._cents), float(self._coarse))
        return [event for event, said in ((keys, tuned or self.silent), (master, self._cents or self._coarse)) if said]

    def _add_up(self):
        self.semitones[:] = self._keys + self._coarse + self._cents / 100


def read_exclusive(message: bytes) -> MusicalEvent | None:
    """The tuning that a whole system exclusive message asks for, F0 ... F7; None where it is about anything else."""
    if len(message) < 8 or message[1] not in _UNIVERSAL:
        return None
    kind, body = (message[3], message[4]), message[5:-1]
    if kind == _MASTER_FINE:
        return TuneMaster(cents=(_fourteen_bits(body[:2]) - 8192) / 8192 * 100)
    if kind == _MASTER_COARSE and len(body) > 1:
        return TuneMaster(semitones=body[1] - 64.0)
    if kind == _BULK:
        return _tune(range(KEYS), _triples(body[1 + _NAME :]))
    if kind == _SINGLE:
        return _tune(body[2::4], _triples(body[2:], 4))
    if kind == _SINGLE_OF_BANK:
        return _tune(body[3::4], _triples(body[3:], 4))
    if kind == _OCTAVE_COARSE and len(body) >= 15:
        return TuneScale(tuple(value - 64.0 for value in body[3:15]))
    if kind == _OCTAVE_FINE and len(body) >= 27:
        values = (_fourteen_bits((body[at + 1], body[at])) for at in range(3, 27, 2))
        return TuneScale(tuple((value - 8192) / 8192 * 100 for value in values))
    return None


def _fourteen_bits(pair):
    """Of two bytes, the lower seven bits first; the middle where there are not two."""
    return pair[1] << 7 | pair[0] if len(pair) == 2 else 8192


def _triples(data, step=3):
    """(semitone, upper and lower seven bits of the rest) of every key; with a step of 4 the key stands before."""
    start = step - 3
    return [tuple(data[at + start : at + step]) for at in range(0, len(data) - step + 1, step)]


def _tune(keys, triples):
    tuned = ((key, triple) for key, triple in zip(keys, triples, strict=False) if triple != _UNCHANGED)
    found = tuple((key, semitone + (upper << 7 | lower) / 16384) for key, (semitone, upper, lower) in tuned)
    return TuneKeys(found) if found else None
