"""Triton kernels on a CPU, in Triton's own interpreter, with what it lacks for flash-linear-attention's kernels.

It shows what a kernel computes: indices, masks, tails, packing, roundings. It does not show races, TF32 or what does not fit into a GPU.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import warnings

# What was put right here was found in these.
TRIED = {"triton": ("3.9.0",), "fla-core": ("0.6.0",)}


def missing() -> str | None:
    """What to install, in one line."""
    installed = {}
    for package in (*TRIED, "ml_dtypes"):
        try:
            installed[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            installed[package] = "missing"
    wrong = [p for p, version in installed.items() if version not in TRIED.get(p, (version,)) or version == "missing"]
    if not wrong:
        return None
    wanted = " ".join(f"{p}=={TRIED[p][-1]}" if p in TRIED else p for p in installed)
    return f"the interpreter was tried with other versions: pip install {wanted} (here: {', '.join(f'{p} {installed[p]}' for p in wrong)})"


def prepare() -> bool:
    """Before Triton is imported. False: it interprets, and nothing is put right, since its version is another."""
    os.environ["TRITON_INTERPRET"] = "1"
    warnings.filterwarnings("ignore", message="Triton is not supported")
    if missing():
        return False
    import numpy

    from . import bf16, calls

    calls.install()
    bf16.install()
    numpy.seterr(all="ignore")
    return True


def take_first_configurations() -> None:
    """The same choice of configurations for kernels that are compiled: nothing is timed."""
    from . import calls

    calls.autotuner.Autotuner.run = calls.run
