"""Kernels compiled for this machine, kept by source in the user's cache.

CXX names the compiler (clang++, else g++); GDR_METAL_CACHE another folder.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import functools
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
# Headers of Apple's, and of MLX what is full of words that a C++ compiler has no use for: the shim stands for them.
STOOD_FOR = (
    "metal_stdlib", "metal_math", "metal_atomic", "metal_simdgroup", "metal_simdgroup_matrix", "metal_tensor",
    "MetalPerformancePrimitives/MetalPerformancePrimitives.h", "mlx/backend/metal/kernels/utils.h",
    "mlx/backend/metal/kernels/steel/utils/type_traits.h",
)  # fmt: skip


class Failure(Exception):
    """The kernel does not compile, or does what no kernel may."""


def folder() -> Path:
    if named := os.environ.get("GDR_METAL_CACHE"):
        return Path(named)
    caches = Path.home() / "Library/Caches" if sys.platform == "darwin" else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return caches / "gdr" / "metal"


@functools.cache
def compiler() -> tuple[str, str]:
    """Its path, and what it says of its version."""
    named = os.environ.get("CXX")
    for name in [named] if named else ["clang++", "g++"]:
        if path := shutil.which(name):
            said = subprocess.run([path, "--version"], capture_output=True, text=True)
            if said.returncode == 0:
                return path, said.stdout
    raise Failure(f"{named or 'clang++ or g++'} is needed to compile Metal kernels")


def flags(fma: bool) -> list[str]:
    clang = "clang" in compiler()[1]
    chosen = ["-std=c++20", "-O2", "-fPIC", "-w", "-fvisibility=hidden"]
    # Half is rounded after every operation, as there.
    chosen += ["-Xclang", "-ffloat16-excess-precision=none"] if clang and platform.machine() in ("x86_64", "AMD64") else []
    chosen += [] if clang else ["-fno-gnu-unique"]
    if not fma:
        return chosen + ["-ffp-contract=off"]
    return chosen + ["-ffp-contract=fast"] + (["-mfma"] if platform.machine() in ("x86_64", "AMD64") else [])


@functools.cache
def shim() -> str:
    return "\0".join(path.read_text() for path in sorted((HERE / "include").rglob("*.h")))


def key(*parts: str) -> str:
    return hashlib.sha256("\0".join([platform.machine(), compiler()[1], shim(), *parts]).encode()).hexdigest()[:24]


def run(arguments: list[str]) -> None:
    done = subprocess.run(arguments, capture_output=True, text=True)
    if done.returncode:
        errors = [line.split("error: ")[-1] for line in done.stderr.splitlines() if "error: " in line]
        raise Failure("the kernel does not compile: " + (errors or [done.stderr[:300]])[0])


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """One process at a time."""
    folder().mkdir(parents=True, exist_ok=True)
    with open(folder() / "lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@functools.cache
def headers(fma: bool) -> Path:
    """A folder with a copy of the shim, compiled in advance, and with headers that stand for others. Compilers refuse one that was moved, or whose
    parts were touched, so that it is made in its place, and once."""
    place = folder() / ("headers-" + key(*flags(fma)))
    with alone():
        if (place / "metal_shim.h.gch").exists():
            return place
        shutil.copytree(HERE / "include", place, dirs_exist_ok=True)
        for name in STOOD_FOR:
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_text("#pragma once\n")
        run([compiler()[0], *flags(fma), "-x", "c++-header", str(place / "metal_shim.h"), "-o", str(place / "new.gch")])
        os.replace(place / "new.gch", place / "metal_shim.h.gch")
    return place


@functools.cache
def compiled(source: str, include: str | None = None, version: str = "", fma: bool = False) -> ctypes.CDLL:
    """The library of a kernel. `include` is a folder with headers, and `version` says which ones they are."""
    chosen = flags(fma)
    place = folder() / (key(source, version, *chosen) + ".so")
    if not place.exists():
        advance = headers(fma)
        with tempfile.TemporaryDirectory(dir=folder()) as work:
            text, new = Path(work) / "kernel.cpp", Path(work) / "kernel.so"
            text.write_text(f'{source}\n#include "shim/switch.h"\n')
            more = [f"-I{include}"] if include else []
            run([compiler()[0], *chosen, "-shared", "-include", str(advance / "metal_shim.h"), f"-I{advance}", *more, str(text), "-o", str(new)])
            os.replace(new, place)
    library = ctypes.CDLL(str(place))
    library.msl_launch.restype = None
    return library
