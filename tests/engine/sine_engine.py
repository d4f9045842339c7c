"""The engine process with sines instead of a network: `EngineClient(program="tests.engine.sine_engine")`."""

from engine.live.server import main
from tests.fakes import FakeDecoder

if __name__ == "__main__":
    main(lambda options, tell: FakeDecoder(voices=options.polyphony + 4))
