"""A numpy function as what answers requests: outputs, and gradients where it takes their cotangents."""

from __future__ import annotations

from typing import Any, Callable, Mapping

import numpy as np

from gdr.errors import Refusal
from gdr.kernels.parameters import Parameters, named, without_masked
from gdr.workers.contract import Contract
from gdr.workers.layers import live_only, model_gates
from gdr.workers.worker import NAMES as TYPES

Tensors = Mapping[str, np.ndarray]


def evaluator(
    function: Callable[..., Any], parameters: Parameters, contract: Contract
) -> Callable[[Tensors, Mapping[str, str]], dict[str, np.ndarray]]:
    """bf16 comes as the same numbers in float32. Inputs are copies. Extreme cases overflow, and are meant to: numpy does not
    warn of it.
    """

    def evaluate(x: Tensors, request: Mapping[str, str]) -> dict[str, np.ndarray]:
        is_double = request["arithmetic"] == "double"
        copies = {n: np.array(t, np.float64 if is_double and n != "mask" else t.dtype) for n, t in without_masked(x).items()}
        if request["gradients"] == "no":
            copies = {n: t for n, t in copies.items() if n not in ("dy", "dstate_out")}
        with np.errstate(all="ignore"):
            if not parameters.makes_gates(x):
                return results(function(**parameters.arguments(copies)))
            gates, back = made(copies, contract)
            found = results(function(**parameters.arguments(copies | gates)))
            return found | back(found.pop("dg"), found.pop("dbeta")) if {"dg", "dbeta"} <= set(found) else found

    return evaluate


def made(x: dict[str, np.ndarray], contract: Contract) -> tuple[dict[str, np.ndarray], Callable[..., dict[str, np.ndarray]]]:
    """g and beta of what a model has, and the way back from their gradients."""
    if contract.decay == "log":
        raise Refusal("takes the logarithm of the decay, not what it is made of")
    return model_gates(live_only(x), contract)


def results(returned: Any) -> dict[str, np.ndarray]:
    """Raises TypeError for what is no format of a result."""
    found = {n: np.asarray(t) for n, t in named(returned).items()}
    for name, result in found.items():
        if result.dtype.name not in TYPES or result.dtype.name == "uint16":
            raise TypeError(f"{name} has the type {result.dtype}: float16, float32 or float64 is wanted")
    return found


def bits(value: Any) -> bytes | None:
    return value.tobytes() if isinstance(value, np.ndarray) else None
