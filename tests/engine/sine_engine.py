"""The engine process with sines instead of a network: `EngineClient(program="tests.engine.sine_engine")`."""

from engine.live.chores import Opened
from engine.live.server import main
from engine.synth import spare_voices
from tests.fakes import FakeDecoder

if __name__ == "__main__":
    main(lambda source, options, tell: Opened(FakeDecoder(voices=options.polyphony + spare_voices(options.polyphony))))
