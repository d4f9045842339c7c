"""The command line: `app.py --help` is the whole product. No Qt, and nothing heavy at import.

cli.py (the table; errors and signals) -> the command's file, imported when it is called for; options.py has the options
that several share.

play.py              the instrument, in its window or without one
render.py            songs into WAV files
encode.py, decode.py recordings into presets and embeddings, and back
import_.py           checkpoints of other programs
freeze.py            a preset into recordings; take.py: what was played, again
presets.py           which there are
embedding.py         sums of sounds; paper.py, figures.py: what the paper shows, on any notes and weights
notes.py, train.py, factory.py, evaluate.py   from a sound font to an instrument, its presets, and how they sound
baseline.py, paper.py   the paper's other model at work; its tables, which synthapp/paper/ prints
bench.py, doctor.py  what this machine can do, and what it lacks; project.py: what the program is and needs
desktop.py           the program in the desktop's menu

A command is one new file here and one line in the table; so the room has more than fifteen. What its options need is
imported on top of its file, what only its work needs inside its function: so `render --help` and a wrong file name are
answered at once.
"""
