"""Structs of arrays, handed to kernels and from kernel to kernel as one pointer.

A struct is a NamedTuple (layout.py). Numba hands a tuple over field by field: hundreds of words for every call,
minutes of compiling, and 20 us with Python's lock to look at a hundred arrays. Here they are looked at once; reading a
field then loads that field alone.
"""

import numpy as np
from llvmlite import ir
from numba import typeof, types
from numba.core import cgutils
from numba.core.imputils import impl_ret_borrowed, lower_getattr_generic
from numba.core.registry import cpu_target
from numba.core.typing.templates import AttributeTemplate, infer_getattr
from numba.extending import NativeValue, models, register_model, unbox

from engine.decoder.cpu.kernels.compiling import entry_point, intrinsic


class StructPointer(types.Type):
    """The type of a pointer to a struct. In Python it is a number, the address of what `struct_of` returned."""

    def __init__(self, struct):
        self.struct = struct
        super().__init__(f"pointer({struct})")


@register_model(StructPointer)
class _StructPointerModel(models.PrimitiveModel):
    def __init__(self, manager, pointer_type):
        super().__init__(manager, pointer_type, ir.PointerType(manager.lookup(pointer_type.struct).get_value_type()))


@infer_getattr
class _FieldTypes(AttributeTemplate):
    key = StructPointer

    def generic_resolve(self, pointer_type, name):  # type: ignore[override]  # numba's is a constant, NotImplemented
        struct = pointer_type.struct
        return struct.types[struct.fields.index(name)] if name in struct.fields else None


@lower_getattr_generic(StructPointer)
def _load_field(context, builder, pointer_type, pointer, name):
    struct = pointer_type.struct
    index = struct.fields.index(name)
    field = builder.load(cgutils.gep_inbounds(builder, pointer, 0, index))
    return impl_ret_borrowed(context, builder, struct.types[index], field)


@unbox(StructPointer)
def _unbox(pointer_type, number, c):
    address = c.pyapi.long_as_voidptr(number)
    return NativeValue(c.builder.bitcast(address, c.context.get_value_type(pointer_type)))


def struct_of(fields: tuple) -> np.ndarray:
    """A NamedTuple as a struct in memory, where kernels read it: uint8 (bytes,). Its arrays must live as long."""
    context = cpu_target.target_context
    memory = np.zeros(context.get_abi_sizeof(context.get_value_type(typeof(fields))), np.uint8)
    _write_struct(fields, memory)
    return memory


@intrinsic
def copy_to_stack(typing, pointer):
    """The same, copied to the caller's stack: there compilers know that no kernel writes over it."""

    def emit(context, builder, signature, arguments):
        return cgutils.alloca_once_value(builder, builder.load(arguments[0]))

    return pointer(pointer), emit


@entry_point
def _write_struct(fields, memory):
    _store_struct(fields, memory)


@intrinsic
def _store_struct(typing, fields, memory):
    def emit(context, builder, signature, arguments):
        address = context.make_array(signature.args[1])(context, builder, arguments[1]).data
        builder.store(arguments[0], builder.bitcast(address, arguments[0].type.as_pointer()), align=8)
        return context.get_dummy_value()

    return types.void(fields, memory), emit
