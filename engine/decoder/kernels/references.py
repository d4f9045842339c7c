"""Tuples of arrays, handed from kernel to kernel as one pointer.

Numba hands a tuple over field by field: hundreds of words for every call, and minutes of compiling. An entry point
takes its tuples' references once; reading a field then loads that field alone.
"""

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.imputils import impl_ret_borrowed, lower_getattr_generic
from numba.core.typing.templates import AttributeTemplate, infer_getattr
from numba.extending import intrinsic, models, register_model


class Reference(types.Type):
    """The type of a reference to a NamedTuple."""

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


@intrinsic
def refer(typing, fields):
    """A reference to a NamedTuple, valid while the caller runs."""

    def emit(context, builder, signature, arguments):
        return cgutils.alloca_once_value(builder, arguments[0])

    return Reference(fields)(fields), emit
