"""Tuples of arrays, handed to kernels and from kernel to kernel as one pointer.

Numba hands a tuple over field by field: hundreds of words for every call, minutes of compiling, and 20 us with Python's
lock to look at a hundred arrays. Here they are looked at once; reading a field then loads that field alone.
"""

import numpy as np
from llvmlite import ir
from numba import typeof, types
from numba.core import cgutils
from numba.core.imputils import impl_ret_borrowed, lower_getattr_generic
from numba.core.registry import cpu_target
from numba.core.typing.templates import AttributeTemplate, infer_getattr
from numba.extending import NativeValue, intrinsic, models, register_model, unbox

from engine.decoder.cpu.kernels.compiling import entry_point


class Reference(types.Type):
    """The type of a reference to a NamedTuple. In Python it is a number, the address of what `kept` returned."""

    def __init__(self, kind):
        self.kind = kind
        super().__init__(f"reference({kind})")


@register_model(Reference)
class _ReferenceModel(models.PrimitiveModel):
    def __init__(self, manager, reference):
        super().__init__(manager, reference, ir.PointerType(manager.lookup(reference.kind).get_value_type()))


@infer_getattr
class _Fields(AttributeTemplate):
    key = Reference

    def generic_resolve(self, reference, name):
        fields = reference.kind.fields
        return reference.kind.types[fields.index(name)] if name in fields else None


@lower_getattr_generic(Reference)
def _read(context, builder, reference, pointer, name):
    index = reference.kind.fields.index(name)
    field = builder.load(cgutils.gep_inbounds(builder, pointer, 0, index))
    return impl_ret_borrowed(context, builder, reference.kind.types[index], field)


@unbox(Reference)
def _take(reference, number, c):
    address = c.pyapi.long_as_voidptr(number)
    return NativeValue(c.builder.bitcast(address, c.context.get_value_type(reference)))


def kept(fields):
    """A NamedTuple of arrays and numbers as kernels read it: uint8 (bytes,). The arrays must live as long."""
    context = cpu_target.target_context
    memory = np.zeros(context.get_abi_sizeof(context.get_value_type(typeof(fields))), np.uint8)
    _keep(fields, memory)
    return memory


@intrinsic
def nearby(typing, reference):
    """The same, copied to the caller's stack: there compilers know that no kernel writes over it."""

    def emit(context, builder, signature, arguments):
        return cgutils.alloca_once_value(builder, builder.load(arguments[0]))

    return reference(reference), emit


@entry_point
def _keep(fields, memory):
    _store(fields, memory)


@intrinsic
def _store(typing, fields, memory):
    def emit(context, builder, signature, arguments):
        place = context.make_array(signature.args[1])(context, builder, arguments[1]).data
        builder.store(arguments[0], builder.bitcast(place, arguments[0].type.as_pointer()), align=8)
        return context.get_dummy_value()

    return types.void(fields, memory), emit
