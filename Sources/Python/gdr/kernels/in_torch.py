"""A torch function as what answers requests: outputs, and gradients by autograd."""

from __future__ import annotations

from typing import Any, Callable, Mapping

import numpy as np
import torch

from gdr.kernels.parameters import Parameters, named
from gdr.workers.contract import Contract
from gdr.workers.torch_rule import GROUPED, gradients, to_numpy, types_of

NARROW = ("q", "k", "v", "beta", "a", "b", "dy")
COTANGENTS = {"y": "dy", "state_out": "dstate_out"}
ROUNDINGS = GROUPED["roundings"]
FLOATS = (torch.float64, torch.float32, torch.float16, torch.bfloat16)

Tensors = Mapping[str, np.ndarray]


def evaluator(
    function: Callable[..., Any], parameters: Parameters, contract: Contract, device: str, forward_only: bool
) -> Callable[[Tensors, Mapping[str, str]], dict[str, np.ndarray]]:
    """In the types of the case, on this device; with `forward_only` without autograd."""

    def evaluate(x: Tensors, request: Mapping[str, str]) -> dict[str, np.ndarray]:
        inputs = tensors(x, request, contract, device)
        wants = request["gradients"] == "yes" and not forward_only and any(d in x for d in COTANGENTS.values())
        leaves = {n: t.requires_grad_(wants) for n, t in inputs.items() if n != "mask"}
        with torch.set_grad_enabled(wants):
            results = named(function(**parameters.arguments(inputs)))
        for name, result in results.items():
            if not isinstance(result, torch.Tensor) or result.dtype not in FLOATS:
                raise TypeError(f"{name} is {getattr(result, 'dtype', type(result))}: a tensor of floats is wanted")
        found = {n: to_numpy(t) for n, t in results.items()}
        # One that autograd does not reach is left out, and a run in which all are is no success.
        driven = {COTANGENTS[n]: t for n, t in results.items() if n in COTANGENTS and t.requires_grad and COTANGENTS[n] in x}
        if wants and driven:
            found |= {n: to_numpy(t) for n, t in gradients(driven, leaves, x, device).items()}
        return found

    return evaluate


def tensors(x: Tensors, request: Mapping[str, str], contract: Contract, device: str) -> dict[str, torch.Tensor]:
    """The inputs; the cotangents are for autograd."""
    types = types_of(x, request, contract, NARROW)
    if request["arithmetic"] == "double":
        types = dict.fromkeys(x, torch.float64)
    types["mask"] = torch.bool
    return {n: torch.tensor(t).to(device, types[n]) for n, t in x.items() if n not in COTANGENTS.values()}
