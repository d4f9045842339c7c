"""The engine process with sines instead of a network: `EngineClient(program="tests.engine.sine_engine")`."""

from engine.live.chores import Opened
from engine.live.server import main
from engine.protocol import VOICES
from engine.synth import spare_voices
from tests.fakes import FakeDecoder


def open_sines(source, options, tell):
    voices = options.polyphony or VOICES
    return Opened(FakeDecoder(voices=voices + spare_voices(voices)))


if __name__ == "__main__":
    main(open_sines)
