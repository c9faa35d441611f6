"""A numpy function as what answers requests: outputs, and gradients where it takes their cotangents."""

from __future__ import annotations

from typing import Any, Callable, Mapping

import numpy as np

from gdr.kernels.parameters import Parameters, named
from gdr.workers.worker import NAMES as TYPES

Tensors = Mapping[str, np.ndarray]


def evaluator(function: Callable[..., Any], parameters: Parameters) -> Callable[[Tensors, Mapping[str, str]], dict[str, np.ndarray]]:
    """bf16 comes as the same numbers in float32. Inputs are copies: the function may write into them. Extreme cases overflow, and are meant to:
    numpy does not warn of it.
    """

    def evaluate(x: Tensors, request: Mapping[str, str]) -> dict[str, np.ndarray]:
        is_double = request["arithmetic"] == "double"
        copies = {n: np.array(t, np.float64 if is_double and n != "mask" else t.dtype) for n, t in x.items()}
        if request["gradients"] == "no":
            copies = {n: t for n, t in copies.items() if n not in ("dy", "dstate_out")}
        with np.errstate(all="ignore"):
            results = named(function(**parameters.arguments(copies)))
        return {n: typed(n, np.asarray(t)) for n, t in results.items()}

    return evaluate


def typed(name: str, result: np.ndarray) -> np.ndarray:
    """- Raises TypeError for what is no format of a result."""
    if result.dtype.name not in TYPES or result.dtype.name == "uint16":
        raise TypeError(f"{name} has the type {result.dtype}: float16, float32 or float64 is wanted")
    return result
