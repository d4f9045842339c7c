"""The bytes of a standard MIDI file -> its tracks. Total: whatever is damaged, unknown or surplus is skipped and told.

Only what a synthesizer plays is kept: channel messages, system exclusive ones, tempo and port. Real files have key
signatures of eight sharps, foreign chunks, wrong counts and lengths, and ends in the middle; none of that is music.
Source: MIDI Manufacturers Association, Standard MIDI Files 1.0 (RP-001); ports: RP-019.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

DEFAULT_DIVISION = 480  # ticks a beat where the header does not say
NOTE_OFF, SYSEX, ESCAPE, META = 0x80, 0xF0, 0xF7, 0xFF
_ONE_BYTE = (0xC0, 0xD0)  # program change, channel pressure; all others of a channel have two
_SYSTEM_BYTES = {0xF1: 1, 0xF2: 2, 0xF3: 1}  # of system common messages, which have no place in a file
_PORT, _END, _TEMPO = 0x21, 0x2F, 0x51
_LONGEST_NUMBER = 4  # bytes of a variable-length quantity


@dataclass(frozen=True)
class Message:
    """tick : from the track's start; port : of the track at this moment; data : whole, of a channel or exclusive."""

    tick: int
    port: int
    data: bytes


@dataclass(frozen=True)
class Tempo:
    """From this tick on, microseconds a beat."""

    tick: int
    microseconds: int


@dataclass
class Track:
    """events : in order of tick; end : tick of the last thing in it"""

    events: list[Message | Tempo] = field(default_factory=list)
    end: int = 0


@dataclass
class MidiFile:
    """format : 0, 1 or 2; division : as the header has it, signed; told : what is wrong with the file"""

    format: int = 1
    division: int = DEFAULT_DIVISION
    tracks: list[Track] = field(default_factory=list)
    told: list[str] = field(default_factory=list)


def parse(data: bytes) -> MidiFile:
    """Every track that is in these bytes, also behind the header of a RIFF or a MacBinary file."""
    file, announced = MidiFile(), None
    start = data.find(b"MThd")
    header = data[start + 8 : start + 14] if start >= 0 else b""
    if len(header) == 6:
        file.format, announced = int.from_bytes(header[:2]), int.from_bytes(header[2:4])
        file.division = int.from_bytes(header[4:], signed=True)
    else:
        file.told.append("has no header")
    if file.division == 0:
        file.division = DEFAULT_DIVISION
        file.told.append(f"has beats of 0 ticks, {DEFAULT_DIVISION} are taken")
    for chunk, whole in _chunks(data, max(start, 0), file.told):
        file.tracks.append(_Reader(chunk, whole, file.told).track())
    if announced is not None and announced != len(file.tracks):
        file.told.append(f"has {len(file.tracks)} of {announced} tracks")
    return file


def _chunks(data, start, told) -> Iterator[tuple[bytes, bool]]:
    """Every track's bytes, and whether all are there. One whose length is wrong reaches to the next."""
    at = data.find(b"MTrk", start)
    while at >= 0:
        length = int.from_bytes(data[at + 4 : at + 8])
        end = at + 8 + length
        following = data.find(b"MTrk", at + 8)
        if end < len(data) and following >= 0 and not _is_chunk(data, end):
            told.append("has a track of a wrong length")
            end = following
        elif end < following and data[end : end + 4] != b"MTrk":
            told.append(f"has a part {_name(data, end)!r} that is no track")
        yield data[at + 8 : end], end <= len(data)
        at = data.find(b"MTrk", end)


def _is_chunk(data, at):
    """Four letters and a length stand there."""
    return data[at : at + 4].isalnum() and len(data) >= at + 8


def _name(data, at):
    return data[at : at + 4].decode("ascii", "replace")


class _Reader:
    """Walks through the bytes of one track; whole : they are all there."""

    def __init__(self, data: bytes, whole: bool, told: list[str]):
        self._data, self._at = data, 0
        self._whole, self._told = whole, told
        self._tick = self._port = self._status = 0
        self._track = Track()

    def track(self) -> Track:
        """Its events up to its end, or to where it is cut."""
        try:
            while self._at < len(self._data) and self._event():
                pass
            ended = self._whole
        except IndexError:
            ended = False
        if not ended:
            self._tell("has a track that ends in the middle")
        self._track.end = self._tick
        return self._track

    def _event(self):
        """One event. Returns False at the end of the track."""
        self._tick += self._number()
        byte = self._data[self._at]
        if byte < NOTE_OFF and not self._status:
            self._tell("has bytes that belong to nothing, they are skipped")
            self._at += 1
            return True
        if byte >= NOTE_OFF:
            self._at += 1
            self._status = byte if byte < SYSEX else self._status
        status = byte if byte >= SYSEX else self._status
        if status == META:
            return self._meta()
        if status in (SYSEX, ESCAPE):
            self._exclusive(status)
        elif status > SYSEX:
            self._tell("has system messages, which have no place in a file")
            self._at += _SYSTEM_BYTES.get(status, 0)
        else:
            self._add(bytes([status, *self._values(1 if status & 0xF0 in _ONE_BYTE else 2)]))
        return True

    def _values(self, count):
        """Data bytes; what is above 127 is taken for 127."""
        values = [self._take() for _ in range(count)]
        if max(values) >= NOTE_OFF:
            self._tell("has values above 127, 127 is taken")
        return [min(value, NOTE_OFF - 1) for value in values]

    def _meta(self):
        kind = self._take()
        content = self._content()
        if kind == _END:
            if self._at < len(self._data):
                self._tell("has something after the end of a track, it is left out")
            return False
        if kind == _PORT and len(content) == 1:
            self._port = content[0]
        elif kind == _TEMPO and len(content) == 3 and any(content):
            self._track.events.append(Tempo(self._tick, int.from_bytes(content)))
        return True

    def _exclusive(self, status):
        """Whole ones are kept; the escape carries pieces of others, or any bytes."""
        content = self._content()
        if status == SYSEX and content.endswith(bytes([ESCAPE])):
            self._add(bytes([SYSEX]) + content)

    def _add(self, message):
        self._track.events.append(Message(self._tick, self._port, message))

    def _content(self):
        length = self._number()
        content = self._data[self._at : self._at + length]
        self._at += length
        if len(content) < length:
            raise IndexError
        return content

    def _number(self):
        """A variable-length quantity: seven bits a byte, the last below 128."""
        value = 0
        for _ in range(_LONGEST_NUMBER):
            byte = self._take()
            value = value << 7 | byte & 0x7F
            if byte < NOTE_OFF:
                return value
        self._tell("has a time that is too long")
        return 0

    def _take(self):
        byte = self._data[self._at]
        self._at += 1
        return byte

    def _tell(self, line):
        if line not in self._told:
            self._told.append(line)
