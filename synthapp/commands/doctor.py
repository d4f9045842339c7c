"""What the instrument needs and what of it is here: one line a finding, with the way to mend what is missing."""

import importlib.metadata
import os
import platform
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass

import typer

from common.errors import SynthError
from synthapp.commands import project
from synthapp.screen import screen_fault

TO_RENDER = {
    "numpy", "numba", "msgspec", "safetensors", "google-crc32c", "scipy", "soundfile", "mido", "platformdirs", "typer",
}  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """One line. mend : how to get it; fatal : without it not even `render` works."""

    ok: bool
    what: str
    mend: str = ""
    fatal: bool = False

    def __str__(self):
        return f"{'ok     ' if self.ok else 'missing'}  {self.what}{f' - {self.mend}' if self.mend else ''}"


def doctor() -> None:
    """What is there, what is missing, and how to get it."""
    findings = list(examine())
    for finding in findings:
        print(finding)
    raise typer.Exit(any(finding.fatal for finding in findings))


def examine() -> Iterator[Finding]:
    """Look at everything, one finding after the other; no check stops the next."""
    yield _python()
    yield _packages()
    yield _processor()
    yield from _gpu()
    yield from _instrument()
    yield _preset_folder()
    yield _screen()
    yield _audio()
    yield _jack()
    yield _midi()
    yield _plugins()
    yield _mts_esp()


def _python():
    version = platform.python_version()
    return Finding(True, f"Python {version} on {platform.platform(terse=True)}")


def _packages():
    """Those that playing needs, and the extras; a missing extra is no fault."""
    wanted = project.packages()
    missing = {name: needed for name, needed in wanted.items() if not _is_installed(name)}
    if any(missing.values()):
        names, fatal = ", ".join(missing), bool(TO_RENDER.intersection(missing))
        return Finding(False, f"Python packages: {names}", "remove .venv and start ./run.sh again", fatal)
    if missing:
        return Finding(True, f"Python packages: all to play; of the extras there is no {', '.join(missing)}")
    return Finding(True, f"Python packages: torch {importlib.metadata.version('torch')} and {len(wanted) - 1} others")


def _is_installed(name):
    try:
        importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _processor():
    import llvmlite.binding

    features = llvmlite.binding.get_host_cpu_features()
    wide = [name for name in ("avx", "avx2", "fma", "avx512f", "neon") if features.get(name)]
    return Finding(True, f"processor: {os.cpu_count()} cores, {' '.join(wide) or 'no wide vectors'}")


def _gpu():
    """Which one there is, what compiles for it, and which tier plays; without one, what is missing."""
    from engine.decoder.gpu import tiers
    from engine.decoder.gpu.cuda.compiler import find_compiler
    from engine.protocol import VOICES
    from models.config import WaveNetConfig

    try:
        place = tiers.find_gpu()
    except SynthError as error:
        yield Finding(False, f"GPU, optional: {error}")
        return
    major, minor = place.driver.version
    yield Finding(True, f"GPU: {place.gpu}, {place.gpu.architecture}, driver of CUDA {major}.{minor}")
    try:
        yield Finding(True, f"GPU's compiler: {find_compiler(place.driver.version).name}")
    except SynthError as error:
        yield Finding(False, f"GPU's compiler, optional: {error}")
    paper = tiers.expected_tier(place, WaveNetConfig(), VOICES)
    yield Finding(True, f"GPU: NSynth's full network would play {paper}; how fast is measured when it does")


def _instrument():
    """Default weights, default preset, and a decoder that plays them."""
    from models import checkpoints
    from models.pretrained import DEFAULT

    try:
        checkpoint = checkpoints.read(DEFAULT)
    except SynthError as error:
        yield Finding(False, f"default weights: {error}", "get the project again, or pass --weights", fatal=True)
        return
    yield Finding(True, f"default weights: {checkpoint.fingerprint}")
    yield _presets()
    yield _decoder(checkpoint)


def _presets():
    from presets.library import Library

    entries = Library().entries()
    broken = [entry.path.name for entry in entries if entry.problem]
    if broken:
        return Finding(False, f"presets: cannot read {', '.join(broken)}", "replace or remove them")
    if not entries:
        return Finding(False, "presets: none", "get the project again", fatal=True)
    return Finding(True, f"presets: {len(entries)}")


def _decoder(checkpoint):
    """Its first start compiles; afterwards the machine code comes from a cache."""
    import time

    from engine.decoder.opening import open_decoder

    start = time.perf_counter()
    open_decoder(checkpoint, voices=1).close()
    took = time.perf_counter() - start
    return Finding(
        True, f"decoder: ready in {took:.1f} s{' (compiled just now, cached from now on)' if took > 5 else ''}"
    )


def _preset_folder():
    from presets.library import Library

    folder = Library().folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return Finding(False, f"preset folder {folder}: {error.strerror}", "make it writable to save presets")
    return Finding(True, f"preset folder {folder}")


def _screen():
    fault = screen_fault()
    if not fault:
        return Finding(True, "screen")
    return Finding(False, f"screen: {fault}", "start in a desktop for the window; render and play --headless need none")


def _audio():
    from engine.live import stream

    try:
        index, label = stream.choose()
    except SynthError as error:
        return Finding(False, f"audio: {error}")
    return Finding(True, f"audio: {label}; {len(stream.labels())} devices")


def _jack():
    from engine.live import stream

    if any(label.endswith("(JACK)") for label in stream.labels()):
        return Finding(True, f"JACK server: {'PipeWire in its place' if _is_pipewire() else 'running'}")
    installed = shutil.which("jackd") or shutil.which("pw-jack")
    return Finding(False, "JACK server", "optional; start one" if installed else "optional; apt install jackd2")


def _is_pipewire():
    """Whether the JACK library that PortAudio has loaded is PipeWire's (as under pw-jack)."""
    with open("/proc/self/maps") as maps:
        return any("libjack" in line and "pipewire" in line for line in maps)


def _midi():
    from engine.live.ports import MidiPorts

    try:
        ports = MidiPorts(lambda event, time: None)
        ports.poll()
        notice, names = ports.notice, ports.available
        ports.close()
    except SynthError as error:
        return Finding(False, str(error))
    return Finding(False, notice) if notice else Finding(True, f"MIDI: {', '.join(names)}")


def _mts_esp():
    from engine.peers.mts_esp import LIBRARIES, library

    path = library()
    if path is None:
        return Finding(True, f"MTS-ESP, optional: its library is not in {LIBRARIES[0].parent}; Scala's files need none")
    return Finding(True, f"MTS-ESP: {path}")


def _plugins():
    """Formats and folders; nothing is loaded."""
    from engine.plugins.folders import FORMATS, found
    from engine.plugins.scan import Shelf

    shelf = Shelf()
    there = found(shelf.folders)
    known = shelf.known()
    fail = sum(finding.description is None for finding in known.values())
    where = ", ".join(map(str, shelf.folders))
    tried = f"{len(known)} known, {fail} of them do not load" if known else "none tried yet: manifold plugins --scan"
    return Finding(True, f"plug-ins: {', '.join(FORMATS)}, {len(there)} in {where}; {tried}")
