"""Manifold: a neural synthesizer. Without arguments the instrument opens; `--help` lists the commands.

The rooms beside this file are packages of very common names (`common`, `models`, ...). In a checkout they are on
Python's path because this file is started; installed, they would lie among all other packages and one day hide one, so
they lie in a folder `manifold` of their own with this file, which puts that folder on the path. Imports are the same
in both. The price: other programs cannot `import manifold.engine`; they start the commands.
"""

import sys
from pathlib import Path


def main() -> None:
    """Run the command line; ends the process with its exit status."""
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    from synthapp.commands import cli

    cli.main()


if __name__ == "__main__":
    main()
