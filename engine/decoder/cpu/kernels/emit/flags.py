"""A word in memory that one thread sets and another watches, without Python's lock and without the operating system."""

from llvmlite import ir
from numba import types
from numba.core import cgutils

from engine.decoder.cpu.kernels.compiling import compiled, entry_point, intrinsic

PATIENCE = 20000  # looks, some 20 us, before another program gets the core


@entry_point
def set_flag(flag, value):
    """flag[0] = value, seen by the other cores before anything that follows. flag : int64 (1,)"""
    _atomic_exchange(flag, value)


@entry_point
def has_reached(flag, value):
    """Whether flag[0] is at least `value`."""
    return _atomic_load(flag) >= value


@entry_point
def spin_until(flag, value, spins):
    """Look at most `spins` times whether flag[0] has reached `value`; returns whether it has."""
    return _spin(flag, value, spins)


@compiled
def meet(arrivals, core, cores):
    """Return once all cores have come here as often as this one. arrivals : int64 (cores, 8), a cache line each"""
    turn = _atomic_load(arrivals[core]) + 1
    _atomic_exchange(arrivals[core], turn)
    for other in range(cores):
        while not _spin(arrivals[other], turn, PATIENCE):
            _give_way()  # whoever is missing may wait for this very core


@compiled
def _spin(flag, value, spins):
    count = 0
    while count < spins and _atomic_load(flag) < value:
        count += 1
    return count < spins


def _word(context, builder, kind, flag):
    return cgutils.gep_inbounds(builder, context.make_array(kind)(context, builder, flag).data, 0)


@intrinsic
def _atomic_load(typing, flag):
    def emit(context, builder, signature, arguments):
        word = _word(context, builder, signature.args[0], arguments[0])
        return builder.load_atomic(word, "seq_cst", 8, typ=ir.IntType(64))

    return types.int64(flag), emit


@intrinsic
def _give_way(typing):
    def emit(context, builder, signature, arguments):
        function = cgutils.get_or_insert_function(builder.module, ir.FunctionType(ir.IntType(32), []), "sched_yield")
        builder.call(function, [])
        return context.get_dummy_value()

    return types.void(), emit


@intrinsic
def _atomic_exchange(typing, flag, value):
    def emit(context, builder, signature, arguments):
        builder.atomic_rmw("xchg", _word(context, builder, signature.args[0], arguments[0]), arguments[1], "seq_cst")
        return context.get_dummy_value()

    return types.void(flag, types.int64), emit
