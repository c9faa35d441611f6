"""A Python function as a worker in a process of its own, for every command that takes `--against`:

    gdr fuzz --against 'mine=python -m gdr.serve mypackage.ops:chunk_rule form=chunked:64 roundings=products:input'
    gdr map mine --against 'mine=python -m gdr.serve kernel.py:kernel'

MODULE:FUNCTION or FILE.py:FUNCTION, and arguments of `gdr.judge`, as far as they are about the kernel: contract, form, clamp, roundings,
gradients, promises, double=yes, formats=f32,bf16, decay_per, empty=yes, arrays, device, writes; any other is a word of the worker protocol.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from typing import Any, Callable, NoReturn

from gdr.errors import Error
from gdr.kernels.kernel import Kernel, Wishes, served

FLAGS = ("double", "empty")
TEXTS = ("contract", "form", "clamp", "roundings", "gradients", "promises", "decay_per", "arrays", "device", "writes")


def main() -> None:
    if len(sys.argv) < 2 or ":" not in sys.argv[1]:
        fail("usage: python -m gdr.serve MODULE:FUNCTION|FILE.py:FUNCTION [NAME=VALUE]...")
    # What a module prints while it is loaded must not reach the frames.
    frames = os.dup(1)
    os.dup2(2, 1)
    try:
        kernel = Kernel(function(*sys.argv[1].rsplit(":", 1)), wishes(sys.argv[2:]))
    except Error as error:
        fail(str(error))
    sys.stdout.flush()
    os.dup2(frames, 1)
    os.close(frames)
    served(kernel)


def function(place: str, name: str) -> Callable[..., Any]:
    """Raises Error where there is none."""
    if place.endswith(".py"):
        sys.path.insert(0, os.path.dirname(os.path.abspath(place)))
        spec = importlib.util.spec_from_file_location(os.path.basename(place)[:-3], place)
        if spec is None or spec.loader is None or not os.path.exists(place):
            raise Error(f"no file {place}")
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
    else:
        try:
            module = importlib.import_module(place)
        except ModuleNotFoundError as error:
            raise Error(str(error)) from None
    found = getattr(module, name, None)
    if not callable(found):
        raise Error(f"{place} has no function {name}")
    return found


def wishes(words: list[str]) -> Wishes:
    chosen: dict[str, Any] = {"deadline": None}
    declares = {}
    for word in words:
        name, is_given, value = word.partition("=")
        if not is_given:
            raise Error(f"arguments are NAME=VALUE, not {word}")
        if name in FLAGS:
            if value not in ("yes", "no"):
                raise Error(f"{name} is yes or no, not {value}")
            chosen[name] = value == "yes"
        elif name == "formats":
            chosen[name] = tuple(value.split(","))
        elif name in TEXTS:
            chosen[name] = value
        else:
            declares[name] = value
    return Wishes(**chosen, declares=declares)


def fail(reason: str) -> NoReturn:
    print(f"gdr.serve: {reason}", file=sys.stderr)
    sys.exit(64)


if __name__ == "__main__":
    main()
