"""Does the reconstruction of a sound that the instrument was never trained on resemble it?

    python benchmarks/own_sounds.py [--font FILE] [--note 57] [--weights FILE]

Waveforms synthesised by other means (band-limited saw and square, FM, a plucked delay line, vibrato) and the notes of a
second sound font (Debian: timgm6mb-soundfont) go the way of `encode`: cut out, pitch found, encoded; then the decoder
plays them. Prints, for each, the spectral distance to its own recording and to the nearest of all the others.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
from scipy.signal import lfilter

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from common.pitch import key_hz  # noqa: E402
from engine.decoder.opening import open_decoder  # noqa: E402
from models import checkpoints  # noqa: E402
from models.analysis.recording import prepare  # noqa: E402
from models.checkpoints.building import build  # noqa: E402
from models.data.programs import PROGRAMS  # noqa: E402
from models.data.soundfont import FontPlayer  # noqa: E402
from models.encoding.clips import decode_clips  # noqa: E402
from models.encoding.matching import encode_notes  # noqa: E402
from models.evaluation.estimators.distance import distance_db, log_spectra  # noqa: E402
from models.pretrained import DEFAULT  # noqa: E402

FONT = Path("/usr/share/sounds/sf2/TimGM6mb.sf2")
RATE, SECONDS = 16000, 1.5  # of each sound that is compared
EVERY = 3  # of the font's programs
TIME = np.arange(2 * RATE) / RATE


def main():
    """Encode, play, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--font", type=Path, default=FONT, help="a sound font that no training saw")
    parser.add_argument("--note", type=int, default=57, help="MIDI number at which all is played")
    parser.add_argument("--weights", default=DEFAULT, help="the instrument")
    arguments = parser.parse_args()
    f0_hz = key_hz(arguments.note)
    sounds = waveforms(f0_hz) | font_notes(arguments.font, arguments.note)
    originals, played, seconds = reconstruct(sounds, arguments.weights)
    report(list(sounds), originals, played)
    print(f"encoding a note took {np.median(seconds):.2f} s, at most {max(seconds):.2f} s")


def waveforms(f0_hz):
    """{name: float (samples,)} of sounds made here."""
    numbers = np.arange(1, int(7800 / f0_hz) + 1)
    swell, ring = np.minimum(1, TIME / 0.05), np.exp(-2 * TIME)
    phase = 2 * np.pi * f0_hz * TIME
    wobble = phase + f0_hz * 0.0175 / 5.5 * np.sin(2 * np.pi * 5.5 * TIME)  # 30 cents

    def added(amplitudes, angle=phase):
        return swell * sum(a * np.sin(k * angle) for k, a in zip(numbers, amplitudes, strict=True) if a)

    return {
        "saw": added(1 / numbers),
        "dark saw": added(1 / numbers / (1 + (numbers * f0_hz / 800) ** 2)),
        "square": added(numbers % 2 / numbers),
        "sine": added(numbers == 1),
        "no fundamental": added((numbers > 1) / numbers),
        "vibrato": added(1 / numbers, wobble),
        "FM bell": ring * np.sin(phase + 5 * np.exp(-3 * TIME) * np.sin(2 * phase)),
        "FM brass": swell * np.sin(phase + 2 * np.sin(phase)),
        "plucked string": plucked(f0_hz),
    }


def plucked(f0_hz):
    """A burst of noise in a delay line with a low-pass (Karplus and Strong 1983), tuned by linear interpolation."""
    delay, share = divmod(RATE / f0_hz - 0.5, 1)
    loop = np.zeros(int(delay) + 3)
    loop[0] = 1
    loop[int(delay) :] -= 0.997 * np.convolve([1 - share, share], [0.5, 0.5])
    burst = np.random.default_rng(0).uniform(-1, 1, int(delay))
    return lfilter([1], loop, np.pad(burst, (0, len(TIME) - len(burst))))


def font_notes(font, note):
    """{name: float (samples,)} of a font's programs whose range holds the note."""
    player = FontPlayer(font)
    programs = [program for program in PROGRAMS[::EVERY] if program.low <= note <= program.high]
    return {f"font: {program.name}": player.play(program, note, 100) / 32768 for program in programs}


def reconstruct(sounds, weights):
    """(originals, played, seconds): float32 (sounds, samples) twice, and how long each one's encoding took."""
    checkpoint = checkpoints.read(weights)
    config, model = checkpoint.config, build(checkpoint)
    frames = int(SECONDS * RATE) // config.hop
    single = open_decoder(checkpoint, voices=1)
    originals, embeddings, f0_hz, seconds = [], [], [], []
    for audio in sounds.values():
        recording = prepare(audio.astype(np.float32), RATE, config.hop)
        start = time.perf_counter()
        embedding = encode_notes(model, single, recording.audio[None], np.array([recording.f0_hz]), recording.held)[0]
        seconds.append(time.perf_counter() - start)
        missing = max(0, frames - len(embedding))
        embedding = np.pad(embedding, ((0, missing), (0, 0)), "edge")[:frames]
        embedding[frames - missing :, -1] -= 100  # silence where the recording is over
        originals.append(np.pad(recording.audio, (0, missing * config.hop))[: frames * config.hop])
        embeddings.append(embedding)
        f0_hz.append(recording.f0_hz)
    decoder = open_decoder(checkpoint, len(sounds))
    played = decode_clips(decoder, np.array(embeddings), np.array(f0_hz), temperature=0.0, seed=0)
    return np.array(originals), played, seconds


def report(names, originals, played):
    """Print a table, the worst first."""
    recorded, heard = [log_spectra(sound) for sound in originals], [log_spectra(sound) for sound in played]
    distances = np.array([[distance_db(mine, other) for other in recorded] for mine in heard])
    own = distances.diagonal()
    others = distances + np.where(np.eye(len(names)), np.inf, 0)
    nearest = others.min(1)
    print("| sound | to its recording, dB | to the nearest other, dB | |\n| --- | --- | --- | --- |")
    for i in np.argsort(-own / nearest):
        print(f"| {names[i]} | {own[i]:.1f} | {nearest[i]:.1f} | {names[others[i].argmin()]} |")
    print(f"\n{np.mean(own < nearest):.0%} of {len(names)} are nearest to their own recording; "
          f"median {np.median(own):.1f} dB, to the nearest other {np.median(nearest):.1f} dB")  # fmt: skip


if __name__ == "__main__":
    main()
