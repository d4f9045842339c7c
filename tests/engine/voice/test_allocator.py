"""Which voice plays which note: retrigger, stealing, pedals (behaviour rows 3-5, 7, 8, 15)."""

from hypothesis import given
from hypothesis import strategies as st

from engine.events.keys import Key
from engine.voice.allocator import VoiceAllocator

EQUAL = [1.0] * 12


def chord(allocator, *notes):
    """Slots of these notes, in order."""
    return [allocator.note_on(Key(0, note, 100), EQUAL)[0][0] for note in notes]


def test_free_slots_first():
    allocator = VoiceAllocator(slots=4, polyphony=3)
    assert len(set(chord(allocator, 60, 62, 64))) == 3
    assert all(not voice.dying for voice in allocator.voices)


def test_the_same_note_takes_the_place_of_itself():
    allocator = VoiceAllocator(4, 3)
    (first,) = chord(allocator, 60)
    (slot,), victims = allocator.note_on(Key(0, 60, 100), EQUAL)
    assert victims == [first]
    assert slot != first


def test_the_same_note_on_another_channel_is_another():
    allocator = VoiceAllocator(4, 3)
    chord(allocator, 60)
    assert allocator.note_on(Key(1, 60, 100), EQUAL)[1] == []


def test_the_oldest_released_is_stolen_before_the_held():
    allocator = VoiceAllocator(8, 3)
    a, b, c = chord(allocator, 60, 62, 64)
    allocator.note_off(0, 64)
    allocator.note_off(0, 62)
    loudness = list(EQUAL)
    loudness[a] = 0.01
    assert allocator.note_on(Key(0, 70, 100), loudness)[1] == [c]
    assert allocator.note_on(Key(0, 71, 100), loudness)[1] == [b]
    assert allocator.note_on(Key(0, 72, 100), loudness)[1] == [a]


def test_then_the_quietest_and_among_equals_the_oldest():
    allocator = VoiceAllocator(8, 3)
    a, b, _ = chord(allocator, 60, 62, 64)
    loudness = list(EQUAL)
    loudness[b] = 0.5
    assert allocator.note_on(Key(0, 70, 100), loudness)[1] == [b]
    assert allocator.note_on(Key(0, 71, 100), EQUAL)[1] == [a]


def test_without_a_spare_slot_the_furthest_faded_is_taken():
    allocator = VoiceAllocator(3, 3)
    slots = chord(allocator, 60, 62, 64)
    loudness = [0.9, 0.2, 0.9]
    (slot,), victims = allocator.note_on(Key(0, 70, 100), loudness)
    assert slot == slots[1]
    assert victims == []
    assert not allocator.voices[slot].dying


def test_off_without_on_does_nothing():
    assert VoiceAllocator(4, 3).note_off(0, 60) == []


def test_sustain_holds_and_lets_go():
    allocator = VoiceAllocator(4, 3)
    a, b = chord(allocator, 60, 62)
    assert allocator.sustain(0, True) == []
    assert allocator.note_off(0, 60) == []
    assert allocator.sustain(0, False) == [a]
    assert allocator.note_off(0, 62) == [b]


def test_sostenuto_holds_only_the_keys_that_were_down():
    allocator = VoiceAllocator(4, 3)
    a, b = chord(allocator, 60, 62)
    allocator.note_off(0, 62)
    allocator.sostenuto(0, True)
    (c,) = chord(allocator, 64)
    assert allocator.note_off(0, 64) == [c]
    assert allocator.note_off(0, 60) == []
    assert allocator.sostenuto(0, False) == [a]
    assert allocator.voices[b].released


def test_all_notes_off_waits_for_the_pedal():
    allocator = VoiceAllocator(4, 3)
    slots = chord(allocator, 60, 62)
    allocator.sustain(0, True)
    assert allocator.all_notes_off(0) == []
    assert allocator.sustain(0, False) == slots


def test_all_sound_off_does_not():
    allocator = VoiceAllocator(4, 3)
    slots = chord(allocator, 60, 62)
    allocator.sustain(0, True)
    assert allocator.all_sound_off(0) == slots


def test_a_lower_limit_takes_the_released_first():
    allocator = VoiceAllocator(8, 3)
    a, b, c = chord(allocator, 60, 62, 64)
    allocator.note_off(0, 62)
    assert set(allocator.limit(1, EQUAL)) == {a, b}
    assert allocator.voices[c].playing


ACTIONS = st.one_of(
    st.tuples(st.just("note_on"), st.integers(0, 2), st.integers(60, 66)),
    st.tuples(st.just("note_off"), st.integers(0, 2), st.integers(60, 66)),
    st.tuples(st.sampled_from(["sustain", "sostenuto"]), st.integers(0, 2), st.booleans()),
    st.tuples(st.sampled_from(["all_notes_off", "all_sound_off"]), st.integers(0, 2)),
    st.tuples(st.just("ended"), st.integers(0, 5)),
    st.tuples(st.just("limit"), st.integers(0, 9)),
)


@given(st.lists(ACTIONS, max_size=60))
def test_never_too_many_voices_never_a_stuck_one(actions):
    allocator = VoiceAllocator(slots=6, polyphony=4)
    for name, *arguments in actions:
        if name == "note_on":
            (slot,), _ = allocator.note_on(Key(*arguments, 100), EQUAL)
            assert allocator.voices[slot].playing  # the new note always sounds
            assert allocator.voices[slot].note == arguments[1]
        elif name == "limit":
            allocator.limit(*arguments, EQUAL)
        elif name != "ended" or not allocator.voices[arguments[0]].playing:
            getattr(allocator, name)(*arguments)
        playing = [voice for voice in allocator.voices if voice.playing]
        assert len(playing) <= allocator.polyphony
        assert len({(voice.channel, voice.note) for voice in playing}) == len(playing)
    for channel in range(3):
        allocator.sustain(channel, False)
        allocator.sostenuto(channel, False)
        allocator.all_notes_off(channel)
    assert all(voice.released for voice in allocator.voices if voice.playing)
