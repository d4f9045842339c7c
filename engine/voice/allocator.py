"""Which voice plays which note: keys, pedals and stealing. Pure; nothing here sounds.

A slot is free, sounding (key down or held by a pedal), released, or dying (a fade of some ms that nothing stops).
Every call returns the slots whose voices the caller is now to release, or to fade; the caller says with `ended` when
a voice has died away.
"""

from collections import Counter
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass

from engine.commands import CHANNELS
from engine.events.keys import Key


@dataclass
class Voice:
    """One slot's part in the keyboard."""

    sounding: bool = False
    dying: bool = False
    channel: int = 0
    note: int = 0
    key_down: bool = False
    latched: bool = False  # by the sostenuto pedal
    released: bool = False
    parted: bool = False  # its key came up, and what is said on its channel is no more for it
    age: int = 0  # notes started when this one started
    released_at: int = 0  # releases before this one

    @property
    def playing(self) -> bool:
        """It sounds, and not only to fade."""
        return self.sounding and not self.dying


class VoiceAllocator:
    """Notes -> slots. At most `polyphony` voices play; the slots beyond it take new notes while stolen ones fade."""

    def __init__(self, slots: int, polyphony: int):
        self.polyphony = min(max(polyphony, 1), slots)
        self._slots = slots
        self.reset()

    def reset(self) -> None:
        """Every slot free, every pedal up."""
        self.voices = [Voice() for _ in range(self._slots)]
        self._sustain = [False] * CHANNELS
        self._sostenuto = [False] * CHANNELS
        self._keys: Counter[tuple[int, int]] = Counter()  # (channel, note) -> ons whose off has not come
        self._notes = 0
        self._releases = 0

    def copy_pedals(self, other: "VoiceAllocator") -> None:
        """The pedals stand as the other's do."""
        self._sustain, self._sostenuto = other._sustain.copy(), other._sostenuto.copy()

    def pedals(self) -> tuple[list[int], list[int]]:
        """The channels whose sustain pedal is down, and those of sostenuto."""
        sustain, sostenuto = (
            [at for at, down in enumerate(pedal) if down] for pedal in (self._sustain, self._sostenuto)
        )
        return sustain, sostenuto

    # -- notes

    def note_on(
        self, key: Key, loudness: Sequence[float], unheard: Container[int] = (), count: int = 1
    ) -> tuple[list[int], list[int]]:
        """The slots that play this note, as many as there may be up to `count`, and the slots to fade for it.

        loudness : by slot, to find the quietest; unheard : slots that begin just now, which are free at once if stolen
        The same note goes first (retrigger: its off will be swallowed), then the oldest released, then the quietest.
        """
        count = min(count, self.polyphony)
        victims = self.slots_of(key.channel, key.note)
        victims += self._excess(self.polyphony - count, loudness, spared=victims)
        self._fade(victims)
        for victim in victims:
            if victim in unheard:
                self.ended(victim)
        self._keys[key.channel, key.note] += 1
        slots = [self._begin(key, loudness) for _ in range(count)]
        return slots, [victim for victim in victims if victim not in slots]

    def _begin(self, key, loudness):
        slot = self._take(loudness)
        self._notes += 1
        self.voices[slot] = Voice(True, False, key.channel, key.note, key_down=True, age=self._notes)
        return slot

    def rename(self, slot: int, key: Key) -> None:
        """A voice goes on as another note, whose off it awaits now."""
        voice = self.voices[slot]
        if self._keys.pop((voice.channel, voice.note), 0):
            self._keys[key.channel, key.note] = 1
        voice.channel, voice.note, voice.key_down = key.channel, key.note, True

    def steal(self, slots: list[int]) -> list[int]:
        """These voices end for another note, and so do the offs that they await. Returns the slots to fade."""
        for slot in slots:
            self._keys.pop((self.voices[slot].channel, self.voices[slot].note), None)
        return self._fade(slots)

    @property
    def any_down(self) -> bool:
        """Whether a key is down."""
        return any(voice.playing and voice.key_down for voice in self.voices)

    def note_off(self, channel: int, note: int) -> list[int]:
        """The key goes up. Returns the slots to release: none while a pedal holds the note.

        Offs belong to their ons, the first to the first: while a later on of the same key awaits its own, nothing ends.
        """
        self._keys[channel, note] -= 1
        if self._keys[channel, note] > 0:
            return []
        del self._keys[channel, note]
        for slot in self.slots_of(channel, note):
            self.voices[slot].key_down = False
        return self._settle(channel)

    # -- pedals and modes

    def sustain(self, channel: int, down: bool) -> list[int]:
        """CC64. Returns the slots to release."""
        self._sustain[channel] = down
        return self._settle(channel)

    def sostenuto(self, channel: int, down: bool) -> list[int]:
        """CC66: going down, it holds the keys that are down now, and no others. Returns the slots to release."""
        if down != self._sostenuto[channel]:
            self._sostenuto[channel] = down
            for slot in self._where(lambda voice: voice.channel == channel):
                self.voices[slot].latched = down and self.voices[slot].key_down
        return self._settle(channel)

    def all_notes_off(self, channel: int) -> list[int]:
        """CC123: every key goes up; a pedal still holds. Returns the slots to release."""
        self._forget_keys(range(channel, channel + 1))
        return self._settle(channel)

    def let_go(self, channels: range) -> list[int]:
        """Whoever played there is gone: keys and pedals come up. Returns the slots to release."""
        self._forget_keys(channels)
        slots = []
        for channel in channels:
            self._sustain[channel] = False
            slots += self.sostenuto(channel, False)
        return slots

    def all_sound_off(self, channel: int) -> list[int]:
        """CC120: returns the slots to fade, whatever the pedals."""
        self._forget_keys(range(channel, channel + 1))
        return self._fade(self._where(lambda voice: voice.channel == channel))

    def panic(self) -> list[int]:
        """Forgets keys and pedals. Returns the slots to fade."""
        self._sustain = [False] * CHANNELS
        self._sostenuto = [False] * CHANNELS
        self._keys.clear()
        return self._fade(self._where(lambda voice: True))

    def limit(self, polyphony: int, loudness: Sequence[float]) -> list[int]:
        """Change the polyphony. Returns the slots to fade: oldest released, then quietest."""
        self.polyphony = min(max(polyphony, 1), self._slots)
        return self._fade(self._excess(self.polyphony, loudness, spared=[]))

    # -- what became of a voice

    def ended(self, slot: int) -> None:
        """The voice has died away: its slot is free."""
        self.voices[slot] = Voice()

    def slots_of(self, channel: int, note: int) -> list[int]:
        """Slots that play this note."""
        return self._where(lambda voice: voice.channel == channel and voice.note == note)

    def held(self, channel: int) -> list[int]:
        """Slots of the keys that are down on a channel."""
        return self._where(lambda voice: voice.channel == channel and voice.key_down)

    # -- inside

    def _where(self, matches: Callable[[Voice], bool]) -> list[int]:
        """Slots of the playing voices that match."""
        return [slot for slot, voice in enumerate(self.voices) if voice.playing and matches(voice)]

    def _forget_keys(self, channels: Container[int]) -> None:
        """No key of these channels is down any more, and no off is awaited."""
        for key in [key for key in self._keys if key[0] in channels]:
            del self._keys[key]
        for slot in self._where(lambda voice: voice.channel in channels):
            self.voices[slot].key_down = False

    def _fade(self, slots: list[int]) -> list[int]:
        for slot in slots:
            self.voices[slot].dying = True
        return slots

    def _settle(self, channel: int) -> list[int]:
        """Release whatever nothing holds any more."""
        if self._sustain[channel]:
            return []
        slots = self._where(
            lambda voice: voice.channel == channel and not (voice.key_down or voice.latched or voice.released)
        )
        for slot in slots:
            self._releases += 1
            self.voices[slot].released, self.voices[slot].released_at = True, self._releases
        return slots

    def _excess(self, allowed: int, loudness: Sequence[float], spared: list[int]) -> list[int]:
        """Slots to steal until `allowed` voices play: oldest released first, then quietest; `spared` fade already."""
        playing = [slot for slot in self._where(lambda voice: True) if slot not in spared]

        def order(slot: int):
            voice = self.voices[slot]
            return (0, voice.released_at, 0) if voice.released else (1, loudness[slot], voice.age)

        return sorted(playing, key=order)[: max(len(playing) - allowed, 0)]

    def _take(self, loudness: Sequence[float]) -> int:
        """A free slot; if there is none, the dying voice that has faded furthest."""
        free = [slot for slot, voice in enumerate(self.voices) if not voice.sounding]
        dying = [slot for slot, voice in enumerate(self.voices) if voice.dying]
        return free[0] if free else min(dying, key=lambda slot: loudness[slot])
