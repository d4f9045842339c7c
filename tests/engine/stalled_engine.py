"""The engine process whose device stands still: `EngineClient(program="tests.engine.stalled_engine")`."""

import sys

from engine.protocol import Exit

if __name__ == "__main__":
    sys.exit(Exit.STALLED)
