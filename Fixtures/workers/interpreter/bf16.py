"""bf16 in Triton's interpreter. There it is uint16: bit patterns are added and multiplied, and rounding to it loses the carry of the significand.
With numpy's type for it all of that is numpy's, rounded to nearest even."""

from __future__ import annotations

import ml_dtypes
import numpy as np
from triton import language as tl
from triton.runtime import interpreter

BF16 = np.dtype(ml_dtypes.bfloat16)
Builder, Handle = interpreter.InterpreterBuilder, interpreter.TensorHandle
plain_type = interpreter._get_np_dtype
PLAIN = {n: getattr(Builder, n) for n in ("create_masked_load", "create_masked_store", "cast_impl", "create_fp_to_fp", "create_dot")}


def is_bf16(kind) -> bool:
    return not isinstance(kind, tl.pointer_type) and not isinstance(kind.scalar, tl.pointer_type) and kind.scalar == tl.bfloat16


def numpy_type(kind) -> np.dtype:
    return BF16 if is_bf16(kind) else plain_type(kind)


def create_masked_load(self, pointers, mask, other, cache_policy, is_volatile):
    kind = pointers.get_element_ty()
    if kind != tl.bfloat16:
        return PLAIN["create_masked_load"](self, pointers, mask, other, cache_policy, is_volatile)
    instead = np.zeros_like(pointers.data, dtype=np.uint16) if other is None else other.data.astype(BF16).view(np.uint16)
    return Handle(interpreter._interpreter.load(pointers.data, mask.data, instead, np.dtype(np.uint16)).view(BF16), kind)


def create_masked_store(self, pointers, value, mask, cache_policy):
    data = value.data.view(np.uint16) if value.data.dtype == BF16 else value.data
    return interpreter._interpreter.store(pointers.data, data, mask.data)


def cast_impl(self, source, kind):
    if is_bf16(source.dtype) or is_bf16(kind):
        return Handle(source.data.astype(numpy_type(kind)), kind.scalar)
    return PLAIN["cast_impl"](self, source, kind)


def create_fp_to_fp(self, source, kind, rounding_mode):
    if min(source.dtype.scalar.primitive_bitwidth, kind.scalar.primitive_bitwidth) >= 16:
        return Handle(source.data.astype(numpy_type(kind)), kind.scalar)
    return PLAIN["create_fp_to_fp"](self, source, kind, rounding_mode)


def create_dot(self, a, b, d, input_precision, max_num_imprecise_acc):
    if BF16 not in (a.data.dtype, b.data.dtype):
        return PLAIN["create_dot"](self, a, b, d, input_precision, max_num_imprecise_acc)
    product = np.matmul(a.data.astype(np.float32), b.data.astype(np.float32))
    return Handle(product.astype(d.data.dtype) + d.data, d.dtype.scalar)


def install() -> None:
    interpreter._get_np_dtype = numpy_type
    for function in create_masked_load, create_masked_store, cast_impl, create_fp_to_fp, create_dot:
        setattr(Builder, function.__name__, function)
    # These are bound to the old cast.
    for name in "create_si_to_fp", "create_ui_to_fp", "create_fp_to_si", "create_fp_to_ui", "create_fp_ext", "create_fp_trunc":
        setattr(Builder, name, lambda self, source, kind: self.cast_impl(source, kind))
