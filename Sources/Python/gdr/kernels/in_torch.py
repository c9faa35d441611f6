"""A torch function as what answers requests: outputs, and gradients by autograd."""

from __future__ import annotations

from typing import Any, Callable, Mapping

import numpy as np
import torch
import torch.nn.functional as F

from gdr.kernels.parameters import Parameters, named, without_masked
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
        differentiates = request["gradients"] == "yes" and not forward_only
        leaves = {n: t.requires_grad_(differentiates) for n, t in inputs.items() if n != "mask"}
        with torch.set_grad_enabled(differentiates):
            gates = made(inputs, contract) if parameters.makes_gates(x) else {}
            results = named(function(**parameters.arguments(inputs | gates)))
        for name, result in results.items():
            if not isinstance(result, torch.Tensor) or result.dtype not in FLOATS:
                raise TypeError(f"{name} is {getattr(result, 'dtype', type(result))}: a tensor of floats is wanted")
        found = {n: to_numpy(t) for n, t in results.items()}
        if differentiates:
            found |= {n: to_numpy(t) for n, t in derivatives(results, leaves, x, device).items()}
        return found

    return evaluate


def derivatives(results: dict[str, torch.Tensor], leaves: dict[str, torch.Tensor], x: Tensors, device: str) -> dict[str, torch.Tensor]:
    """Zero where there is no cotangent. Of a result that autograd does not reach there are none, and a run in which none ever come is no success."""
    cotangents = {n: d for n, d in COTANGENTS.items() if d in x}
    if not cotangents:
        return {"dstate_in" if n == "state_in" else "d" + n: torch.zeros_like(t) for n, t in leaves.items()}
    driven = {d: results[n] for n, d in cotangents.items() if n in results and results[n].requires_grad}
    return gradients(driven, leaves, without_masked(x), device) if driven else {}


def made(x: dict[str, torch.Tensor], contract: Contract) -> dict[str, torch.Tensor]:
    """g and beta of what a model has, as its layer makes them."""
    a, b, mask = x["a"], x["b"], x.get("mask")
    if mask is not None:  # what stands where it is false may be NaN, and so would its gradient be
        a, b = (torch.where(mask.reshape(mask.shape + (1,) * (t.ndim - 2)), t, 0) for t in (a, b))
    z = a + x["dt_bias"]
    rate = x["A_log"].exp() if "A_log" in x else z.new_ones(())
    log_g = contract.bound * (rate * z).sigmoid() if contract.gate == "bounded" else -rate * F.softplus(z)
    return {
        "g": log_g if contract.decay == "log" else log_g.exp(),
        "beta": b.sigmoid() * (2 if contract.beta == "2sigmoid" else 1),
    }


def tensors(x: Tensors, request: Mapping[str, str], contract: Contract, device: str) -> dict[str, torch.Tensor]:
    """The inputs; the cotangents are for autograd."""
    types = types_of(x, request, contract, NARROW)
    if request["arithmetic"] == "double":
        types = dict.fromkeys(x, torch.float64)
    types["mask"] = torch.bool
    return {n: torch.tensor(t).to(device, types[n]) for n, t in x.items() if n not in COTANGENTS.values()}


def bits(value: Any) -> bytes | None:
    return to_numpy(value).tobytes() if isinstance(value, torch.Tensor) else None
