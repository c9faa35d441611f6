"""Which arrays a function is written for."""

from __future__ import annotations

import functools
import inspect
import sys
from types import FunctionType, ModuleType
from typing import Any, Callable, Iterable


def arrays_of(function: Callable[..., Any]) -> str:
    """`torch` or `numpy`: whichever the function mentions, by its closure and the globals that it names; failing both, its module; failing
    that, numpy.
    """
    if "torch" not in sys.modules:
        return "numpy"
    if any("torch" == root(base) for base in type(function).__mro__):
        return "torch"
    code = code_of(function)
    if code is None:
        return "numpy"
    mentioned = inspect.getclosurevars(code)
    for held in ([*mentioned.nonlocals.values(), *mentioned.globals.values()], list(code.__globals__.values())):
        for library in ("torch", "numpy"):
            if any(root(value) == library for value in unwrapped(held)):
                return library
    return "numpy"


def code_of(function: Any) -> FunctionType | None:
    """The Python function behind what is called."""
    while isinstance(function, functools.partial):
        function = function.func
    function = inspect.unwrap(function)
    if not inspect.isroutine(function):
        function = getattr(type(function), "__call__", None)
    function = getattr(function, "__func__", function)
    return function if inspect.isfunction(function) else None


def unwrapped(values: Iterable[Any]) -> Iterable[Any]:
    """What is held, and what is mentioned by the functions among it, one step further."""
    for value in values:
        yield value
        if inspect.isfunction(value):
            mentioned = inspect.getclosurevars(value)
            yield from mentioned.nonlocals.values()
            yield from mentioned.globals.values()


def root(value: Any) -> str:
    """The library that it is, or is of."""
    name = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
    return name.split(".")[0] if isinstance(name, str) else ""
