"""Launches of a compiled kernel, in the modes that were asked for."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from .compiler import Failure, compiled
from .memory import Buffer
from .modes import ORDERS, Modes


class Region(ctypes.Structure):
    _fields_ = [("begin", ctypes.c_size_t), ("end", ctypes.c_size_t)]


class Request(ctypes.Structure):
    """The fields of msl::Request in shim/launch.h."""

    _fields_ = [
        ("buffers", ctypes.POINTER(ctypes.c_void_p)), ("regions", ctypes.POINTER(Region)), ("count", ctypes.c_int32),
        ("grid", ctypes.c_uint32 * 3), ("group", ctypes.c_uint32 * 3), ("seed", ctypes.c_uint32),
        ("sum_order", ctypes.c_int32), ("coarse", ctypes.c_int32), ("strict", ctypes.c_int32),
        ("buffer", ctypes.c_int32), ("address", ctypes.c_uint64), ("failure", ctypes.c_char_p),
    ]  # fmt: skip


@dataclass(frozen=True)
class Argument:
    """A buffer of a kernel: an input with its values, or an output of so many elements of a type."""

    name: str
    values: np.ndarray | None = None
    shape: tuple[int, ...] = ()
    type: np.dtype | str = "f4"
    fill: int | None = None  # what an output holds before; None: no number, and it must be written
    changed: bool = False  # an input that the kernel writes into, and so an output too
    scratch: bool = False  # need not be written everywhere
    added: bool = False  # in float32, by threads in any order, so that its last bits depend on that


def ran(library: ctypes.CDLL, arguments: Sequence[Argument], grid: Sequence[int], group: Sequence[int], modes: Modes, seed: int) -> dict[str, np.ndarray]:
    """The outputs by name."""
    buffers = []
    for a in arguments:
        nbytes = int(np.prod(a.shape)) * np.dtype(a.type).itemsize
        room = {} if a.fill is None else {"fill": a.fill}
        buffers.append(Buffer(a.name, a.values, nbytes, guarded=modes.guard, kept=not a.changed, **room))
    request = Request(
        (ctypes.c_void_p * len(buffers))(*(b.address for b in buffers)), (Region * len(buffers))(*((b.begin, b.end) for b in buffers)), len(buffers),
        tuple(grid), tuple(group), seed, ORDERS.index(modes.order), modes.fast, modes.strict,
    )  # fmt: skip
    library.msl_launch(ctypes.byref(request))
    if request.failure:
        where = buffers[request.buffer].where(request.address) if request.buffer >= 0 else ""
        raise Failure(f"touches memory {where}" if where else request.failure.decode())
    results = {}
    for a, b in zip(arguments, buffers):
        if fault := b.fault():
            raise Failure(fault)
        if a.changed:
            results[a.name] = b.bytes.copy().view(a.values.dtype).reshape(a.values.shape)
        elif a.values is None:
            if modes.written and a.fill is None and not a.scratch and (fault := b.unwritten(a.shape, np.dtype(a.type).itemsize)):
                raise Failure(fault)
            results[a.name] = b.bytes.copy().view(a.type).reshape(a.shape)
    return results


def launch(source: str, arguments: Sequence[Argument], grid: Sequence[int], group: Sequence[int], modes: Modes, **headers: str) -> dict[str, np.ndarray]:
    """The outputs by name of a kernel in C++ (translation.py), run over a grid of threads. Raises Failure with one line."""
    library = compiled(source, fma=modes.fma, **headers)
    results = ran(library, arguments, grid, group, modes, modes.ahead)
    for seed in range(modes.ahead + 1, modes.ahead + modes.races + 1):
        other = ran(library, arguments, grid, group, modes, seed)
        for a in arguments:
            if a.name in results and (depends := differing(a, results[a.name], other[a.name])).any():
                first = ",".join(map(str, np.argwhere(depends)[0]))
                many = f"{depends.sum()} of {depends.size} elements of {a.name}"
                raise Failure(f"a race: {many} depend on the order of the threads, the first at [{first}] (ahead:{seed})")
    return results


def differing(argument: Argument, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Which elements are other bits; where threads add to them in any order, which are off by more than a thousandth of the largest."""
    if argument.added:
        limit = 1e-3 * np.nanmax(np.abs(one), initial=0)
        return ~((np.abs(one - other) <= limit) | (np.isnan(one) & np.isnan(other)))
    return (one.reshape(one.shape + (1,)).view("u1") != other.reshape(other.shape + (1,)).view("u1")).any(-1)
