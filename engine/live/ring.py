"""Stereo audio from the render thread to the audio callback: one writer, one reader, no lock.

Threading model:
  render thread : `push`, `fill`; `drop` where no device is open
  audio callback: `take` (compiled, reads the memory block through its C pointer)
  any thread    : reading counters; another process: what has sounded, see engine.tap

Everything both sides touch lies in one block of memory, so that one C pointer is all that a callback needs: a row of
int64 words (`Word`), then the float32 frames. HEAD and TAIL count frames since the start and never wrap; a fence
between the frames and the counter keeps the order that x86 gives for free on other processors too.
"""

import os
import weakref

import numpy as np
from llvmlite import ir
from numba import carray, njit, types
from numba.extending import intrinsic

from engine.tap import WORDS, Word, path_of, shared_words

CAPACITY, HEAD, TAIL = int(Word.CAPACITY), int(Word.HEAD), int(Word.TAIL)
LARGEST, MISSES, CHANNELS = int(Word.LARGEST), int(Word.MISSES), int(Word.CHANNELS)
BURST, BURST_US = int(Word.BURST), int(Word.BURST_US)
TOGETHER_US = 200  # callbacks within it are of one moment: PortAudio gives a long period of JACK's away in pieces


@intrinsic
def _fence(typing_context):
    """Full memory fence: what was written before is seen before."""

    def generate(context, builder, signature, arguments):
        builder.fence("seq_cst")
        return ir.Constant(ir.IntType(8).as_pointer(), None)

    return types.none(), generate


@njit(nogil=True, cache=True)
def _push(words, frames, audio):
    """Copy what fits of `audio`; returns the number of frames copied."""
    capacity = words[CAPACITY]
    tail = words[TAIL]
    count = min(len(audio), capacity - (tail - words[HEAD]))
    for i in range(count):
        at = (tail + i) & (capacity - 1)
        frames[at, 0] = audio[i, 0]
        frames[at, 1] = audio[i, 1]
    _fence()
    words[TAIL] = tail + count
    return count


@njit(nogil=True, cache=True)
def take(block, output, wanted, now_us):
    """Fill `output` with the next frames; what is missing is silence and counts as a miss.

    block : void pointer to the memory of a `Ring`
    output : float32 pointer, `wanted` frames of the device's channels
    now_us : when the callback was due

    A moment that asks for more than any before it is no miss: the writer could not know, and keeps that from now on.
    """
    words = carray(block, (WORDS,), np.int64)
    capacity, channels, head = words[CAPACITY], words[CHANNELS], words[HEAD]
    frames = carray(block, (2 * (WORDS + capacity),), np.float32)
    filled = words[TAIL] - head
    _fence()
    count = min(wanted, filled)
    for i in range(count):
        at = 2 * (WORDS + ((head + i) & (capacity - 1)))
        if channels == 1:
            output[i] = 0.5 * (frames[at] + frames[at + 1])
        else:
            output[2 * i] = frames[at]
            output[2 * i + 1] = frames[at + 1]
    for i in range(count * channels, wanted * channels):
        output[i] = 0.0
    _fence()
    words[HEAD] = head + count
    if not 0 <= now_us - words[BURST_US] < TOGETHER_US:
        words[BURST], words[BURST_US] = 0, now_us
    words[BURST] += wanted
    if words[BURST] > words[LARGEST]:
        words[LARGEST] = words[BURST]
    elif count < wanted:
        words[MISSES] += 1


class Ring:
    """The block of memory and its writer's side.

    capacity : frames, rounded up to a power of two
    channels : of the device; 1 takes the mean of left and right
    words : int64 (WORDS,), see `Word`
    path : where another process may read it, see `engine.tap`
    """

    def __init__(self, capacity=16384, channels=2):
        capacity = 1 << max(0, capacity - 1).bit_length()
        self.memory, file = shared_words(WORDS + capacity)  # one stereo float32 frame is as long as one word
        self.path = path_of(file)
        if file is not None:
            weakref.finalize(self, os.close, file)
        self.words = self.memory[:WORDS]
        self.words[CAPACITY] = capacity
        self.words[CHANNELS] = channels
        self._frames = self.memory[WORDS:].view(np.float32).reshape(capacity, 2)
        self.push(self._frames[:0])  # compile now, not with the first block

    @property
    def address(self):
        """Where the block begins, for the callback's `userdata`."""
        return self.memory.ctypes.data

    @property
    def fill(self):
        """Frames pushed and not yet taken."""
        return int(self.words[TAIL] - self.words[HEAD])

    def push(self, audio):
        """Append float32 (frames, 2); returns how many of them fitted."""
        return _push(self.words, self._frames, audio)

    def drop(self, frames):
        """The reader's side where there is no callback: forget up to `frames` of the oldest."""
        self.words[HEAD] += min(frames, self.fill)

    def count(self, word):
        """One of the counters."""
        return int(self.words[word])
