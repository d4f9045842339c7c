"""The sound as it is, bit for bit: hashes of whole renders, made and checked by one command.

    python -m tests.golden.renders            # render all again and compare; exits with 1 where one differs
    python -m tests.golden.renders --write    # after a change of sound that is meant: take what sounds now

The whole song with several presets is long; two seconds of `two-seconds.mid` are checked with every run of the tests:
a chord of three notes, a fourth under the pedal after the keys are let go, a bend up and back, and the release.

The renders are of `app.py render`, the way of a user. They run on the least processor that all machines have, with the
variants of numpy and of the C library that need nothing more, so that the hashes are the same on every x86-64 machine.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
HASHES = HERE / "renders.json"
SONG = ROOT / "songs" / "minuet.mid"
SHORT_SONG = HERE / "two-seconds.mid"
SHORT = "First Light, float32, two seconds"
PRESETS = ("First Light", "Chamber Strings", "Stage Keys")
USER_PRESET = HERE / "user-preset.manifold"  # saved by commit c60d1df: two recorded notes, pad and envelope moved
PRECISIONS = ("float32", "int8")
LEAST_PROCESSOR = {
    "MANIFOLD_PROCESSOR": "generic",
    "NUMBA_CPU_NAME": "generic",
    "NUMBA_CPU_FEATURES": "",
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX512F,-AVX512VL,-AVX2,-FMA,-FMA4,-AVX",
    "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL AVX512_SPR",
    "OPENBLAS_CORETYPE": "Nehalem",
    "OPENBLAS_NUM_THREADS": "1",
}


def renders() -> dict[str, tuple[str, str, Path]]:
    """name -> (preset, precision, song) of all renders that are kept."""
    names = {**{name: name for name in PRESETS}, "user preset": str(USER_PRESET)}
    songs = {f"{name}, {kind}": (preset, kind, SONG) for name, preset in names.items() for kind in PRECISIONS}
    return {SHORT: ("First Light", "float32", SHORT_SONG), **songs}


def kept() -> dict[str, str]:
    """name -> SHA-256 of all renders that are kept."""
    return json.loads(HASHES.read_text())


def render(preset: str, precision: str, song: Path) -> str:
    """SHA-256 of the WAV that a song makes, played by a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "song.wav"
        command = [sys.executable, str(ROOT / "app.py"), "render", str(song), "-o", str(wav), "--preset", preset]
        command += ["--polyphony", "8", "--no-effects"]  # as when the hashes were made
        own = {"PYTHONPATH": str(ROOT), "XDG_DATA_HOME": folder}  # no presets of the player's
        environment = os.environ | LEAST_PROCESSOR | own
        subprocess.run([*command, "--precision", precision], env=environment, check=True, stdout=subprocess.DEVNULL)
        return hashlib.sha256(wav.read_bytes()).hexdigest()


def main() -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="keep what sounds now")
    write = parser.parse_args().write
    found = {}
    for name, chosen in renders().items():
        found[name] = render(*chosen)
        print(f"{found[name][:16]}  {name}", flush=True)
    if write:
        HASHES.write_text(json.dumps(found, indent=1) + "\n")
        return 0
    changed = [name for name, digest in kept().items() if found.get(name) != digest]
    print("\n".join(f"changed: {name}" for name in changed) or "all as kept")
    return int(bool(changed))


if __name__ == "__main__":
    sys.exit(main())
