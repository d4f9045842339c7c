"""For the tests of the synth: make one, play events on it, look at the sound."""

import numpy as np
from scipy import signal

from engine.commands import NoteOff, NoteOn
from engine.synth import Synth
from engine.voice.sound import Sound
from tests.fakes import FAKE_CONFIG, NOTE_CONFIG, FakeDecoder, NoteDecoder, fake_preset, note_preset

RATE = 48000
MODEL_RATE = FAKE_CONFIG.rate


def make_synth(
    rate=RATE, polyphony=8, voices=12, seed=0, config=FAKE_CONFIG, effects=None, mapping=True, **preset
):  # fmt: skip
    """A synth of sines with the fake preset; `preset` are fields of it."""
    synth = Synth(FakeDecoder(config, voices), rate, polyphony, seed, effects, mapping)
    synth.load(Sound.from_preset(fake_preset(config=config, **preset), config))
    return synth


def build_synth(rate, effects):
    """As a player builds it."""
    return make_synth(rate, effects=effects)


def make_repitched(*pitches, rate=RATE, polyphony=8, voices=12, seed=0, **preset):
    """A synth whose decoder is not told the pitch. pitches : as of `note_preset`; by default one source note."""
    synth = Synth(NoteDecoder(voices=voices), rate, polyphony, seed, mapping=False)
    synth.load(Sound.from_preset(note_preset(*(pitches or ((60,),)), **preset), NOTE_CONFIG))
    return synth


def play(synth, seconds, *events, rate=RATE):
    """float32 (frames, 2): the next seconds. events : (seconds from now, event)."""
    for time, event in events:
        synth.handle(event, synth.samples + round(time * MODEL_RATE))
    block = np.zeros((round(seconds * rate), 2), np.float32)
    synth.render(block)
    return block


def note(start, end, number=69, velocity=127):
    """Both events of one note."""
    return (start, NoteOn(number, velocity)), (end, NoteOff(number))


def frequency(audio, rate=RATE):
    """Hz of the strongest partial, by a parabola through the peak of a Hann-windowed spectrum."""
    mono = audio.sum(1) * np.hanning(len(audio))
    level = np.log(np.abs(np.fft.rfft(mono)) + 1e-12)
    k = int(np.argmax(level[1:-1])) + 1
    below, at, above = level[k - 1 : k + 2]
    return (k + 0.5 * (below - above) / (below - 2 * at + above)) * rate / len(audio)


def cents(frequency_hz, reference_hz):
    return 1200 * np.log2(frequency_hz / reference_hz)


def level_db(audio):
    """Peak in dBFS."""
    return 20 * np.log10(np.abs(audio).max() + 1e-12)


def click_db(audio, rate=RATE, above_hz=3000):
    """dBFS of the loudest moment above the music: notes below some 400 Hz have nothing there, a jump has."""
    high = signal.sosfilt(signal.butter(8, above_hz, "high", fs=rate, output="sos"), audio, axis=0)
    return level_db(high)


def whole(blocks):
    """float32 (frames, 2) of blocks that are good only until the next."""
    return np.concatenate([block.copy() for block in blocks])
