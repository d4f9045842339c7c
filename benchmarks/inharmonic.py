"""How much of sounds that are not harmonic is bent to harmonics?

    apt-get download sonic-pi-samples && dpkg -x sonic-pi-samples_*.deb samples
    python benchmarks/inharmonic.py samples [--weights FILE] [-o FOLDER]

20 recordings of Debian's sonic-pi-samples (bells, drums, voices, chords, noise) go the way of `encode` and are played.
Prints, for each, the share of its energy that lies at harmonics in the recording and as it is played, the distance of
log mel spectra, and what the player is told. With -o the two are written as WAVs, one after the other.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import soxr
from scipy.io import wavfile

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from common.errors import PitchError  # noqa: E402
from engine.decoder.opening import open_decoder  # noqa: E402
from models import checkpoints  # noqa: E402
from models.analysis.doubts import find_doubts  # noqa: E402
from models.analysis.recording import prepare  # noqa: E402
from models.checkpoints.building import build  # noqa: E402
from models.encoding.clips import decode_clips  # noqa: E402
from models.encoding.matching import encode_notes  # noqa: E402
from models.evaluation.estimators.logmel import logmel_db  # noqa: E402
from models.evaluation.estimators.partials import harmonic_share  # noqa: E402
from models.pretrained import DEFAULT  # noqa: E402
from synthapp.sounds.audiofile import read_audio  # noqa: E402
from synthapp.sounds.own_sound import doubtful  # noqa: E402

SOUNDS = (
    "perc_bell", "perc_bell2", "elec_bell", "elec_chime", "elec_triangle", "elec_ping", "drum_cowbell",
    "ambi_glass_rub", "drum_tom_mid_soft", "drum_snare_hard", "drum_cymbal_open", "sn_dolf", "tabla_na", "tabla_ghe1",
    "ambi_choir", "misc_crow", "guit_e_fifths", "guit_em9", "vinyl_hiss", "ambi_sauna",
)  # fmt: skip
SECONDS, BAND_HZ = 2.0, 16000
NEAR = 10.0  # points of share
NAMED_HZ = 261.63  # what a player would name where no pitch is found


def main():
    """Encode, play, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="that the package was unpacked into")
    parser.add_argument("--weights", default=DEFAULT, help="the instrument")
    parser.add_argument("-o", "--output", type=Path, help="folder for WAVs")
    arguments = parser.parse_args()
    checkpoint = checkpoints.read(arguments.weights)
    model, decoder = build(checkpoint), open_decoder(checkpoint, 1)
    print(f"{'sound':20s} {'f0':>7s} {'recorded':>8s} {'played':>7s} {'log mel':>7s}  told")
    near = []
    for name in SOUNDS:
        recording = _prepared(arguments.folder, name, model.config)
        played = _played(model, decoder, recording)
        near.append(_report(name, recording, played, model.config.rate))
        if arguments.output:
            _write(arguments.output / f"{name}.wav", model.config.rate, recording.audio[: len(played)], played)
    print(f"within {NEAR:.0f} points: {sum(near)} of {len(near)}")


def _prepared(folder, name, config):
    path = next(folder.rglob(f"{name}.flac"))
    audio = read_audio(path, config.rate, 10.0).audio
    try:
        return prepare(audio, config.rate, config.hop)
    except PitchError:
        return prepare(audio, config.rate, config.hop, NAMED_HZ)


def _played(model, decoder, recording):
    hz = np.array([recording.f0_hz])
    latents = encode_notes(model, decoder, recording.audio[None], hz, recording.held)
    frames = min(latents.shape[1], round(SECONDS * model.config.rate / model.config.hop))
    return decode_clips(decoder, latents[:, :frames], hz, temperature=0.0, seed=0)[0]


def _report(name, recording, played, rate):
    recorded, hz = recording.audio[: len(played)], recording.f0_hz
    shares = [100 * harmonic_share(soxr.resample(sound, rate, BAND_HZ), BAND_HZ, hz) for sound in (recorded, played)]
    told = doubtful(find_doubts(recording.audio[: recording.held], rate, hz))
    apart = logmel_db(played, recorded, rate)
    print(f"{name:20s} {hz:7.1f} {shares[0]:8.0f} {shares[1]:7.0f} {apart:7.2f}  {'; '.join(told)}", flush=True)
    return abs(shares[1] - shares[0]) <= NEAR


def _write(path, rate, *sounds):
    path.parent.mkdir(parents=True, exist_ok=True)
    wavfile.write(path, rate, np.concatenate(sounds).astype(np.float32))


if __name__ == "__main__":
    main()
