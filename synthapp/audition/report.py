"""The report: table of measures, a row for every instrument, all figures as JSON."""

import json
from dataclasses import asdict

import numpy as np

from common.atomic import replacing
from models.evaluation.comparison import by_instrument
from synthapp.docs import origin

SET_NAMES = {"test": "held-out notes", "valid": "held-out instruments", "factory": "factory, every key"}
MET = {True: "yes", False: "**no**", None: "-"}


def table(rows):
    """Markdown: measure, goal, what was found for each set, whether the goal is met."""
    lines = [f"| measure | goal | {' | '.join(SET_NAMES.values())} | met |", "| --- " * 6 + "|"]
    for row in rows:
        alone = row.findings.get("")
        cells = [row.findings[name].text if name in row.findings else "" for name in SET_NAMES]
        if alone:
            cells[-1] = alone.text
        lines.append("| " + " | ".join([row.measure, row.goal, *cells, MET[row.met]]) + " |")
    return "\n".join(lines)


def shortcomings_first(rows):
    """The rows whose goal is not met, then the others."""
    return sorted(rows, key=lambda row: row.met is not False)


def instrument_table(comparisons):
    """Markdown, a row an instrument: means over its notes, those of the recordings in brackets."""
    head = "| instrument | notes | worst cents | harmonics % | noise floor dB | attack ms | decay dB/s | release ms |"
    lines = [head + " own, nearest other dB |", "| --- " * 9 + "|"]
    for name, members in sorted(by_instrument(comparisons).items()):
        cents = max((c.played.cents for c in members), key=lambda x: np.inf if np.isnan(x) else abs(x))
        cells = [name, str(len(members)), f"{cents:+.2f}"]
        cells += [
            _pair(members, lambda p: 100 * p.harmonic_share, 1),
            _pair(members, lambda p: p.floor_db, 0),
            _pair(members, lambda p: 1000 * p.envelope.attack_s, 0),
            _pair(members, lambda p: p.envelope.decay_db_per_s, 1),
            _pair(members, lambda p: 1000 * p.envelope.release_s, 0),
            _rivals(members),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def provenance(played, recordings):
    """One line: when, where, by which command, of what."""
    sizes = ", ".join(f"{len(played.of(name))} {name}" for name in played.notes)
    what = f"weights {played.about['weights']}; recordings {recordings.folder.name}; notes played: {sizes}"
    return f"{origin()}; {what}; factory sounds every {played.about['step']} semitones, in {played.about['precision']}."


def write(folder, measures, about):
    """report.md and report.json. about : the line of `provenance`; returns the markdown of the table."""
    found = table(measures.rows)
    parts = ["# How the instrument sounds, measured", about, found]
    for name, comparisons in measures.compared.items():
        parts += [f"## {SET_NAMES[name].capitalize()}", instrument_table(comparisons)]
    parts += ["## Morphs", _morph_table(measures.morphs)]
    _write(folder / "report.md", "\n\n".join(parts) + "\n")
    _write(folder / "report.json", json.dumps(_plain(measures, about), indent=1, default=_number))
    return found


def _plain(measures, about):
    return {
        "about": about,
        "rows": [asdict(row) | {"met": row.met} for row in measures.rows],
        "notes": {name: [asdict(c) for c in comparisons] for name, comparisons in measures.compared.items()},
        "morphs": [asdict(m) for m in measures.morphs],
        "holds": [asdict(s) for s in measures.holds],
        "strokes": {name: [asdict(s) for s in strokes] for name, strokes in measures.strokes.items()},
    }


def _number(value):
    """numpy's numbers as Python's."""
    return value.item()


def _morph_table(morphs):
    head = "| from | to | key | outside dB | cents | ends apart dB | to one | to the other | to the mix |"
    lines = [head, "| --- " * 9 + "|"]
    for m in morphs:
        figures = (m.apart_db, m.to_one_db, m.to_other_db, m.to_mix_db)
        cells = [m.name, m.other, str(m.key), f"{m.outside_db:.1f}", f"{m.cents:+.2f}", *(f"{x:.1f}" for x in figures)]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _pair(members, read, digits):
    played, recorded = ([read(getattr(c, side)) for c in members] for side in ("played", "recorded"))
    known = ~np.isnan(played) & ~np.isnan(recorded)
    if not known.any():
        return "-"
    one, other = (float(np.mean(np.array(side)[known])) for side in (played, recorded))
    return f"{one:.{digits}f} ({other:.{digits}f})"


def _rivals(members):
    rivalled = [c for c in members if c.nearest]
    if not rivalled:
        return "-"
    worst = max(rivalled, key=lambda c: c.own_db / c.nearest_db)
    own, nearest = (np.mean([getattr(c, name) for c in rivalled]) for name in ("own_db", "nearest_db"))
    return f"{own:.1f}, {nearest:.1f} ({worst.nearest.rsplit('-', 2)[0]})"


def _write(path, text):
    with replacing(path) as temporary:
        temporary.write_text(text)
