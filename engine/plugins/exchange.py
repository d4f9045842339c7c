"""One block to a plug-in's process and back, with a deadline. Compiled: the interpreter is free while it waits.

The time counts from the call, which is the start of the plug-in's block. See engine.plugins.memory for the order in
which both sides write and call.
"""

from enum import IntEnum
from typing import Any

import numpy as np
from numba import njit, types

from engine.plugins.memory import SLOTS, Word

LOUDEST = 1000.0  # +60 dB above full scale: what is louder is no sound
_SMALLEST = 1e-30  # -600 dB: what is nearer to zero may be denormal
_MONOTONIC, _POLLIN, _MSG_DONTWAIT, _MSG_NOSIGNAL = 1, 1, 0x40, 0x4000
_SECOND_NS = 1_000_000_000
_FRAMES, _PLAYED = int(Word.FRAMES), int(Word.PLAYED)
_ASKED, _ANSWERED = int(Word.ASKED), int(Word.ANSWERED)

# Called by name, so that the machine code can be cached.
_int: Any = types.int32
_size: Any = types.uint64
_long: Any = types.int64
_pointer: Any = types.intp
_ppoll: Any = types.ExternalFunction("ppoll", _int(_pointer, _size, _pointer, _pointer))
_send: Any = types.ExternalFunction("send", _long(_int, _pointer, _size, _int))
_recv: Any = types.ExternalFunction("recv", _long(_int, _pointer, _size, _int))
_clock_gettime: Any = types.ExternalFunction("clock_gettime", _int(_int, _pointer))


class Answer(IntEnum):
    """How a block came back."""

    PLAYED = 0
    LATE = 1  # not by the deadline
    GONE = 2  # the process has ended
    BAD = 3  # of another size, not finite, or louder than LOUDEST


@njit(nogil=True, cache=True)
def _now(time):
    """Nanoseconds of the monotonic clock. time : int64 (2,), a timespec to write to"""
    _clock_gettime(_int(_MONOTONIC), time.ctypes.data)
    return time[0] * _SECOND_NS + time[1]


@njit(nogil=True, cache=True)
def exchange(words, asked, answers, block, wet, before, socket, patience_ns, lag, scratch):
    """Let the plug-in play a block.

    words, asked, answers : see `Memory`
    block : float32 (frames, 2); wet : the same shape, filled where the answer is PLAYED
    before : float32 (2, 2), filled with the two frames that the plug-in played before this block
    socket : descriptor; patience_ns : from now on
    lag : frames by which `wet` is later than the block, at least as many as any block has; then only what was given
        before has to be there. 0: this block itself
    scratch : int64 (16,), for the system calls
    returns : (an `Answer`, nanoseconds that it took)
    """
    begin = _now(scratch)
    number = words[_ASKED] + 1
    _give(words, asked, block, number)
    sent = _send(_int(socket), scratch.ctypes.data, _size(1), _int(_MSG_DONTWAIT | _MSG_NOSIGNAL))
    wanted = number - 1 if lag else number
    answer = Answer.GONE if sent == 0 else _wait(words, wanted, socket, begin + patience_ns, scratch)
    if answer == Answer.PLAYED:
        answer = _take(words, answers, wet, before, wanted, lag if lag else len(wet))
    return answer, _now(scratch) - begin


@njit(nogil=True, cache=True)
def _give(words, asked, block, number):
    place = number % SLOTS
    for frame in range(len(block)):
        asked[place, 0, frame] = block[frame, 0]
        asked[place, 1, frame] = block[frame, 1]
    words[_FRAMES + place] = len(block)
    words[_ASKED] = number


@njit(nogil=True, cache=True)
def _wait(words, number, socket, deadline, scratch):
    """Until the block of that number was played, the deadline has come or the other end is closed."""
    left, bytes_ = scratch[0:2], scratch[4:12]
    polled = scratch[2:3]
    if _recv(_int(socket), bytes_.ctypes.data, _size(64), _int(_MSG_DONTWAIT)) == 0:
        return Answer.GONE
    if words[_ANSWERED] >= number:  # what it said of it may have come with the block before
        return Answer.PLAYED
    while True:
        remaining = max(deadline - _now(left), 0)
        left[0], left[1] = remaining // _SECOND_NS, remaining % _SECOND_NS
        polled[0] = _long(socket) | _long(_POLLIN) << 32
        ready = _ppoll(polled.ctypes.data, _size(1), left.ctypes.data, _pointer(0))
        if ready > 0:
            got = _recv(_int(socket), bytes_.ctypes.data, _size(64), _int(_MSG_DONTWAIT))
            if words[_ANSWERED] >= number:
                return Answer.PLAYED
            if got <= 0:
                return Answer.GONE
        elif remaining == 0:
            return Answer.LATE


@njit(nogil=True, cache=True)
def _take(words, answers, wet, before, number, back):
    """Copy and judge what it played from `back` frames before the end of a block on; next to zero becomes zero.

    The frames before may be of a block that came late, which nobody has judged; and a plug-in that writes where it
    should not may have written any number there.
    """
    start = back + len(before)  # frames before the end of the block `place`
    place = number
    while place > number - SLOTS + 2 and start > words[_FRAMES + place % SLOTS]:
        start -= words[_FRAMES + place % SLOTS]
        place -= 1
    at = words[_FRAMES + place % SLOTS] - start  # below zero: before it has played anything
    sane = words[_PLAYED + place % SLOTS] == words[_FRAMES + place % SLOTS]
    for frame in range(-len(before), len(wet)):
        while at >= words[_FRAMES + place % SLOTS] and place < number:
            place, at = place + 1, 0
            sane = sane and words[_PLAYED + place % SLOTS] == words[_FRAMES + place % SLOTS]
        for side in range(2):
            sample = answers[place % SLOTS, side, at] if at >= 0 else np.float32(0.0)
            level = abs(sample)
            sane = sane and level < LOUDEST  # false of NaN, too
            sample = sample if level > _SMALLEST else np.float32(0.0)
            if frame < 0:
                before[frame + len(before), side] = sample
            else:
                wet[frame, side] = sample
        at += 1
    return Answer.PLAYED if sane else Answer.BAD
