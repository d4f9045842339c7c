"""What every factory instrument sounds like, measured: python benchmarks/instruments.py [--help].

Plays each corner of the factory presets through the synth, as live, and prints a row each: pitch error, share of energy
at the harmonics, attack, level after 1.5 s, brightness, and the nearest other instrument by its spectrum. With --notes,
the same of the recording it was made from. With --listen, a WAV and a spectrogram of each beside its recording.
"""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import stft

sys.path.insert(0, str(Path(__file__).parents[1]))

from engine.commands import NoteOff, NoteOn  # noqa: E402
from engine.decoder.cpu import CpuDecoder  # noqa: E402
from engine.sound import Sound  # noqa: E402
from engine.synth import Synth  # noqa: E402
from models import checkpoints  # noqa: E402
from models.data.notes import read_notes  # noqa: E402
from models.data.soundfont import PROGRAMS  # noqa: E402
from models.pretrained import DEFAULT  # noqa: E402
from presets.library import FACTORY, load_preset  # noqa: E402

RATE = 16000
HELD_S, RELEASE_S = 3.0, 1.0
KEYS = (48, 60, 72)
VELOCITY = 85
CORNERS = ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0))
SETTLED = slice(int(0.3 * RATE), int(2.3 * RATE))  # past the attack, before the release
SEARCH_CENTS = np.arange(-60, 60.25, 0.25)


@dataclass(frozen=True)
class Measures:
    """Of one note. `spectrum`: log band levels over the settled part, mean free."""

    cents: float
    harmonic_share: float
    attack_ms: float
    sustain_db: float
    centroid_hz: float
    spectrum: np.ndarray


def play(synth, sound, pad, key):
    """float32 (samples,): one note through the whole synth, left channel."""
    synth.reset()
    synth.load(Sound(sound.name, sound.latents, sound.corners, sound.pitches, sound.velocities, pad, sound.parameters))
    synth.render(np.zeros((RATE // 2, 2), np.float32))  # the pad settles
    start = synth.samples
    synth.handle(NoteOn(key, VELOCITY), start)
    synth.handle(NoteOff(key), start + int(HELD_S * RATE))
    audio = np.zeros((int((HELD_S + RELEASE_S) * RATE) + synth.latency, 2), np.float32)
    synth.render(audio)
    return audio[synth.latency :, 0]


def measure(audio, key):
    """Measures of a note of a known key, with nothing of the synth's own code."""
    nominal = 440.0 * 2 ** ((key - 69) / 12)
    settled = audio[SETTLED]
    frequencies, power = _power(settled)
    scores = [_comb(frequencies, power, nominal * 2 ** (cents / 1200)) for cents in SEARCH_CENTS]
    level = np.sqrt(np.convolve(audio[: int(HELD_S * RATE)] ** 2, np.ones(160) / 160, "same"))
    rise = np.flatnonzero(level > 0.1 * level.max())[0], np.flatnonzero(level > 0.9 * level.max())[0]
    near = np.abs(frequencies[:, None] / nominal - np.arange(1, int(7900 / nominal) + 1)).min(1) * nominal < 6
    return Measures(
        cents=float(SEARCH_CENTS[np.argmax(scores)]),
        harmonic_share=float(power[near].sum() / power.sum()),
        attack_ms=(rise[1] - rise[0]) / RATE * 1000,
        sustain_db=float(20 * np.log10(level[int(1.5 * RATE)] / level.max() + 1e-6)),
        centroid_hz=float((frequencies * power).sum() / power.sum()),
        spectrum=_bands(frequencies, power),
    )


def _power(audio):
    size = 1 << 17  # 0.12 Hz a bin
    spectrum = np.fft.rfft(audio * np.hanning(len(audio)), size)
    return np.fft.rfftfreq(size, 1 / RATE), np.abs(spectrum) ** 2


def _comb(frequencies, power, f0):
    """Sum of amplitudes at the first ten harmonics of f0: largest at the pitch that is heard."""
    harmonics = np.arange(1, min(10, int(7500 / f0)) + 1) * f0
    return np.sqrt(power[np.round(harmonics / frequencies[1]).astype(int)]).sum()


def _bands(frequencies, power):
    edges = np.geomspace(100, 7900, 25)
    index = np.digitize(frequencies, edges)
    levels = np.array([power[index == band].sum() for band in range(1, len(edges))])
    return 10 * np.log10(levels / levels.max() + 1e-5)


def distance_db(one, other):
    """Mean difference of two band spectra."""
    return float(np.abs(one - other).mean())


def factory_sounds():
    """name -> (preset, pad) of every instrument, first preset that has it."""
    found = {}
    for path in sorted(FACTORY.glob("*.manifold")):
        preset = load_preset(path)
        for corner, pad in zip(preset.corners, CORNERS, strict=True):
            found.setdefault(corner.name, (preset, pad))
    return found


def recording(notes, name, key):
    """The training font's own note, float32 (samples,)."""
    program = next(program for program in PROGRAMS if program.name == name)
    instrument = notes.names.index(f"{program.family}_{program.source}_{program.number:03d}")
    row = (notes.instrument == instrument) & (notes.pitch == key) & (notes.velocity == VELOCITY)
    return notes.sound(int(np.flatnonzero(row)[0]))


def table(results, recordings):
    """Markdown, a row an instrument; its figures, then the recording's in brackets."""
    head = "| instrument | worst cents | harmonics % | attack ms | after 1.5 s, dB | centroid Hz | nearest other, dB |"
    lines = [head + (" recording, dB |" if recordings else ""), "| --- " * (8 if recordings else 7) + "|"]
    for name, by_key in results.items():
        one, real = by_key[60], recordings.get(name)

        def cell(field, digits, scale=1.0, one=one, real=real):
            text = f"{getattr(one, field) * scale:.{digits}f}"
            return text + (f" ({getattr(real, field) * scale:.{digits}f})" if real else "")

        others = {
            other: distance_db(one.spectrum, rows[60].spectrum) for other, rows in results.items() if other != name
        }
        nearest = min(others, key=others.get)
        cents = max((measures.cents for measures in by_key.values()), key=abs)
        columns = [name, f"{cents:+.2f}", cell("harmonic_share", 1, 100), cell("attack_ms", 0), cell("sustain_db", 0)]
        columns += [cell("centroid_hz", 0), f"{others[nearest]:.1f} ({nearest})"]
        columns += [f"{distance_db(one.spectrum, real.spectrum):.1f}"] if real else []
        lines.append("| " + " | ".join(columns) + " |")
    return "\n".join(lines)


def draw(path, audio, real):
    """Spectrogram of the synth above that of the recording."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(2, 1, figsize=(6, 6), sharex=True)
    for axis, sound, title in zip(axes, (audio, real), ("played", "recording"), strict=True):
        if sound is not None:
            level = 20 * np.log10(np.abs(stft(sound, RATE, nperseg=1024, noverlap=768)[2]) + 1e-6)
            axis.imshow(level, origin="lower", aspect="auto", vmax=level.max(), vmin=level.max() - 80)
        axis.set_title(title)
    figure.savefig(path, dpi=60)
    plt.close(figure)


def main():
    """Measure all, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--notes", type=Path, help="the training notes, to compare with")
    parser.add_argument("--listen", type=Path, help="folder for WAVs and spectrograms")
    parser.add_argument("--weights", default=DEFAULT)
    arguments = parser.parse_args()
    config, weights = checkpoints.read(arguments.weights)
    synth = Synth(CpuDecoder(config, weights, 2), RATE, 1)
    notes = read_notes(arguments.notes) if arguments.notes else None
    results, recordings = {}, {}
    for name, (preset, pad) in sorted(factory_sounds().items()):
        sound = Sound.from_preset(preset, config)
        played = {key: play(synth, sound, pad, key) for key in KEYS}
        results[name] = {key: measure(audio, key) for key, audio in played.items()}
        real = recording(notes, name, 60) if notes else None
        if notes:
            recordings[name] = measure(real, 60)
        if arguments.listen:
            arguments.listen.mkdir(parents=True, exist_ok=True)
            soundfile.write(arguments.listen / f"{name}.wav", np.concatenate(list(played.values())), RATE)
            draw(arguments.listen / f"{name}.png", played[60], real)
    print(table(results, recordings))


if __name__ == "__main__":
    main()
