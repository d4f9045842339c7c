"""Voices on several cores: the same audio, and threads that end."""

import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from engine.decoder.cpu import cores as cores_module
from engine.decoder.cpu import stack
from engine.decoder.cpu.cores import Cores, SpinSemaphore
from tests.engine.decoder.networks import CONFIGS, cpu_decoder, played, render

VOICES, SAMPLES = 5, 200
WIDE = {"feedback": CONFIGS["wide"], "no feedback": replace(CONFIGS["no feedback"], width=340, skip_width=90)}


@pytest.mark.parametrize("precision", ["float32", "int8"])
@pytest.mark.parametrize("cores", [2, 3, 8])
def test_a_voice_is_the_same_on_whatever_core(precision, cores):
    config = CONFIGS["instrument"]
    arguments = played(config, VOICES, SAMPLES)
    alone = cpu_decoder(config, VOICES, precision=precision)
    together = cpu_decoder(config, VOICES, precision=precision, cores=cores)
    assert np.array_equal(render(together, *arguments, block=70), render(alone, *arguments))
    for rows in ([3], [4, 0], []):
        chosen = [values[rows] for values in arguments]
        assert np.array_equal(render(together, *chosen), render(alone, *chosen))
    together.close()


@pytest.mark.parametrize("name", list(WIDE))
@pytest.mark.parametrize("precision", ["float32", "int8"])
def test_cores_that_share_a_voice_play_the_same(precision, name, monkeypatch):
    """Outputs of every layer are divided: 5 and a half blocks among them, one for the skip path."""
    config = WIDE[name]
    arguments = played(config, VOICES, SAMPLES)
    alone = cpu_decoder(config, VOICES, precision=precision)
    monkeypatch.setattr(stack, "FAR_BYTES", 0)
    together = cpu_decoder(config, VOICES, precision=precision, cores=3)
    assert together.is_team
    assert np.array_equal(render(together, *arguments, block=70), render(alone, *arguments))
    for rows in ([3], [4, 0], []):
        chosen = [values[rows] for values in arguments]
        assert np.array_equal(render(together, *chosen), render(alone, *chosen))
    together.close()


@pytest.mark.parametrize("precision", ["float32", "int8"])
def test_looking_further_ahead_changes_nothing(precision, monkeypatch):
    config = CONFIGS["paper"]
    arguments = played(config, 2, SAMPLES)
    near = cpu_decoder(config, 2, precision=precision)
    monkeypatch.setattr(stack, "FAR_BYTES", 0)
    far = cpu_decoder(config, 2, precision=precision)
    assert np.array_equal(render(far, *arguments, block=33), render(near, *arguments))


def test_scores_are_the_same_too():
    config = CONFIGS["paper"]
    slots, latents, f0_hz, _, uniforms = played(config, VOICES, SAMPLES)
    samples = np.random.default_rng(0).uniform(-1, 1, f0_hz.shape).astype(np.float32)
    one, two = (cpu_decoder(config, VOICES, cores=cores) for cores in (1, 2))
    arguments = slots, samples, latents, f0_hz, uniforms
    assert np.array_equal(two.score(*arguments), one.score(*arguments))
    two.close()


def test_each_piece_of_work_is_done_once_and_in_threads_of_their_own():
    done = []
    cores = Cores(3, lambda i: done.append((i, threading.current_thread().name)))
    cores.run(3)
    assert sorted(i for i, _ in done) == [0, 1, 2]
    assert len({name for _, name in done}) == 3
    done.clear()
    cores.run(2)
    assert sorted(i for i, _ in done) == [0, 1]
    cores.close()


def test_threads_end_when_closed():
    before = set(threading.enumerate())
    cores = Cores(4, lambda i: None)
    started = set(threading.enumerate()) - before
    assert len(started) == 3
    cores.close()
    for thread in started:
        thread.join(5)
        assert not thread.is_alive()


def test_a_bell_is_heard_awake_and_asleep(monkeypatch):
    monkeypatch.setattr(cores_module, "SPINS", 1)
    semaphore, back, heard = SpinSemaphore(), SpinSemaphore(), []

    def listen():
        for turn in range(200):
            semaphore.acquire()
            heard.append(turn)
            back.release()

    thread = threading.Thread(target=listen)
    thread.start()
    for turn in range(200):
        if turn % 50 == 0:
            time.sleep(0.01)  # by now it sleeps
        semaphore.release()
        back.acquire()
        assert heard[-1] == turn
    thread.join()
    for each in (semaphore, back):
        each.close()
