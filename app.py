"""Manifold: a neural synthesizer. Without arguments the instrument opens; `app.py --help` lists the commands."""

from synthapp.cli import main

if __name__ == "__main__":
    main()
