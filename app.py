"""Manifold: a neural synthesizer. Without arguments the instrument opens; `app.py --help` lists the commands."""

from synthapp.commands.cli import main

if __name__ == "__main__":
    main()
