"""Kernels in the headers of the installed MLX: read there, translated, called as MLX's host code calls them."""

from __future__ import annotations

import functools
import importlib.metadata
import importlib.util
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from .launch import Argument, launch
from .modes import Modes
from .translation import translated

FOLDER = "mlx/backend/metal/kernels"


@functools.cache
def include() -> Path:
    """The folder of headers. Raises ImportError where there is none."""
    found = importlib.util.find_spec("mlx")
    folder = Path(found.submodule_search_locations[0]) / "include" if found else None
    if folder is None or not (folder / FOLDER).is_dir():
        raise ImportError("mlx is not installed, or without its headers")
    return folder


@functools.cache
def version() -> str:
    return importlib.metadata.version("mlx")


@functools.cache
def text(header: str) -> str:
    """Translated, and with those of its own family in place, which need that too."""
    path = include() / FOLDER / header
    if not path.exists():
        raise ImportError(f"mlx {version()} has no {header}")
    source = path.read_text().replace("#pragma once", "")
    family = re.compile(rf'#include "{FOLDER}/(gated_delta_\w+\.h)"')
    return family.sub(lambda m: text(m[1]), translated(source))


def kinds_of(header: str, function: str) -> list[str]:
    """The type behind the pointer of each buffer of a kernel, as its declaration has it."""
    found = re.search(rf"\bvoid {function}\((.*?)\)\s*{{", (include() / FOLDER / header).read_text(), re.S)
    if found is None:
        raise ImportError(f"mlx {version()} has no kernel {function}")
    return re.findall(r"(?:const )?(?:device|constant) ([\w<>]+)[*&] \w+ \[\[buffer", found[1])


def run(
    header: str, function: str, template: Sequence[object], arguments: Sequence[Argument], grid: Sequence[int], group: Sequence[int], modes: Modes,
    constants: dict[str, bool], positions: Sequence[str] = ("position_in_grid()", "position_in_threadgroup()", "lane()"),
) -> dict[str, np.ndarray]:  # fmt: skip
    """The outputs by name. The template's first argument is the format of q; `constants` are function constants of the kernel,
    `positions` what it asks of its place."""
    kinds = [str(template[0]) if kind == "InT" else kind for kind in kinds_of(header, function)]
    if len(kinds) != len(arguments):
        raise ImportError(f"{function} of mlx {version()} takes {len(kinds)} buffers, not {len(arguments)}")
    # Numbers by reference are arrays of no dimension here.
    scalar = [a.values is not None and a.values.ndim == 0 for a in arguments]
    passed = [f"{'*' if s else ''}msl::buffer<{kind}>({i})" for i, (kind, s) in enumerate(zip(kinds, scalar))]
    passed += [f"msl::{p}" for p in positions]
    set_constants = "".join(f"{name} = {str(value).lower()}; " for name, value in constants.items())
    source = f"{text(header)}\nMSL_KERNEL({set_constants}{function}<{', '.join(map(str, template))}>({', '.join(passed)}))"
    return launch(source, arguments, grid, group, modes, include=str(include()), version=version())
