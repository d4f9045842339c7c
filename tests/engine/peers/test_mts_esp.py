"""The tuning of an MTS-ESP master: its library is a stand-in with the functions of the real one, compiled here."""

import ctypes
import shutil
import subprocess
import threading

import numpy as np
import pytest

from engine.commands import NoteOff, NoteOn, TuneKeys
from engine.peers.mts_esp import MtsEsp, library, opened
from tests.engine.playing import cents, frequency, level_db, make_synth, play

STAND_IN = """
static double table[128]; static bool silent[128], master; static int clients;
extern "C" {
void MTS_RegisterClient() { clients++; }
void MTS_DeregisterClient() { clients--; }
bool MTS_HasMaster() { return master; }
bool MTS_ShouldFilterNote(char note, signed char channel) { return channel == -1 && silent[note & 127]; }
const double* MTS_GetTuningTable() { return table; }
int clients_now() { return clients; }
void be_master(bool there) { master = there; }
void tune(int key, double hz) { table[key] = hz; }
void silence(int key, bool it) { silent[key] = it; }
}
"""
EQUAL = {key: float(key) for key in range(128)}


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    compiler = shutil.which("g++")
    if compiler is None:
        pytest.skip("no C++ compiler")
    path = tmp_path_factory.mktemp("mts") / "libMTS.so"
    command = [compiler, "-shared", "-fPIC", "-x", "c++", "-", "-o", str(path)]
    subprocess.run(command, input=STAND_IN.encode(), check=True)
    return path


@pytest.fixture
def master(path):
    """The stand-in, as its master's program sees it: a scale of 19 steps."""
    library = ctypes.CDLL(str(path))
    library.tune.argtypes = [ctypes.c_int, ctypes.c_double]
    for key in range(128):
        library.tune(key, 440.0 * 2 ** ((key - 69) / 19))
        library.silence(key, False)
    library.be_master(True)
    yield library
    library.be_master(False)


def test_a_master_tunes_and_when_it_goes_all_is_equal_again(path, master):
    played: list[TuneKeys] = []
    client = MtsEsp(played.append, path)
    assert master.clients_now() == 1
    for _ in range(3):
        client.poll()
    assert len(played) == 1  # told once
    assert dict(played[0].keys)[70] == pytest.approx(69 + 12 / 19)
    master.tune(70, 470.0)
    master.silence(71, True)
    client.poll()
    assert dict(played[1].keys)[70] == pytest.approx(69 + 12 * np.log2(470 / 440))
    assert played[1].silent == (71,)
    master.be_master(False)
    client.poll()
    client.poll()
    assert (dict(played[2].keys), played[2].silent, len(played)) == (EQUAL, (), 3)
    client.close()
    assert master.clients_now() == 0


def test_it_is_heard_to_a_cent_and_keys_that_it_leaves_out_are_silent(path, master):
    synth = make_synth(parameters={"release_ms": 5.0})
    master.silence(60, True)
    client = MtsEsp(synth.handle, path)
    client.poll()
    client.close()
    for key in range(45, 105, 9):
        audio = play(synth, 1.0, (0.0, NoteOn(key, 100)), (0.9, NoteOff(key)))
        assert abs(cents(frequency(audio[4800:43200]), 440.0 * 2 ** ((key - 69) / 19))) < 1
    assert level_db(play(synth, 0.3, (0.0, NoteOn(60, 100)), (0.2, NoteOff(60)))) < -100
    other = make_synth()
    for event in synth.memory():
        other.handle(event)
    assert level_db(play(other, 0.3, (0.0, NoteOn(60, 100)))) < -100


def test_it_follows_by_itself(path, master):
    tuned = threading.Event()
    client = opened(lambda tuning: tuned.set(), (path,))
    assert client is not None and tuned.wait(10.0)
    client.close()


def test_without_the_library_or_with_another_there_is_no_client(tmp_path):
    assert library((tmp_path / "libMTS.so",)) is None
    assert opened(print, (tmp_path / "libMTS.so",)) is None
    (tmp_path / "libMTS.so").write_bytes(b"no library")
    assert opened(print, (tmp_path / "libMTS.so",)) is None
    shutil.copy(np.linalg._umath_linalg.__file__, tmp_path / "another.so")  # loads, but has none of the functions
    assert opened(print, (tmp_path / "another.so",)) is None
