"""The whole way from an instrument to its table: played, measured, written down.

Everything happens in this process. The estimators stay independent of what they judge all the same: they share no code
with the synth, and know of it only the WAVs and the index that `perform` has written.
"""

from pathlib import Path

from common.errors import SynthError
from models import checkpoints
from models.evaluation.played import PlayedNotes
from models.evaluation.recordings import Recordings
from models.evaluation.sound import measure
from synthapp.audition import pictures, report
from synthapp.audition.cost import cost
from synthapp.audition.perform import Audition, perform
from synthapp.docs import check_marks, write_table


def evaluate(audition: Audition, played_in: Path, output: Path, docs: Path | None = None) -> None:
    """Play where it is needed, measure, write, print the table.

    played_in : folder of the notes, which may be there already; output : folder of the report
    docs : a file that gets the table, between its marks
    """
    if docs:
        check_marks(docs)
    recordings = Recordings(audition.notes)
    output.mkdir(parents=True, exist_ok=True)
    played = _played(audition, played_in)
    measures = measure(played, recordings, audition.weights)
    measures.rows.append(cost(audition.weights))
    about = report.provenance(played, recordings)
    print(about, report.write(output, measures, about), sep="\n\n")
    if docs:
        write_table(docs, f"{about}\n\n{report.table(report.shortcomings_first(measures.rows))}")
    pictures.draw_all(output / "spectrograms", played, recordings)


def _played(audition, folder):
    if not (folder / "index.json").is_file():
        perform(audition, folder)
    played = PlayedNotes(folder)
    if played.about["weights"] != checkpoints.read(audition.weights).fingerprint:
        raise SynthError(f"{folder}: was played with other weights; remove it, or give --weights")
    return played
