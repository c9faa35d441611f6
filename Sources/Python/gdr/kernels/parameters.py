"""What a kernel takes, by the names of its parameters, and what it returns."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any, Callable, Mapping

from gdr.errors import Error, Refusal

NAMES = ("q", "k", "v", "g", "beta", "a", "b", "A_log", "dt_bias", "mask", "dy", "dstate_out")
STATES = ("state", "state_in", "initial_state")
"""The last parameter names a state may go by."""


@dataclass(frozen=True)
class Limits:
    """Which cases are for a kernel, besides what its parameters say."""

    decay_per: str
    formats: tuple[str, ...]
    """As requests write them."""
    empty: bool


class Parameters:
    """By which name each input of a case goes to the function."""

    def __init__(self, function: Callable[..., Any]):
        self.by_input: dict[str, str] = {}
        unknown = []
        for parameter in inspect.signature(function).parameters.values():
            name = "state_in" if parameter.name in STATES else parameter.name
            if name in NAMES or name == "state_in":
                if parameter.kind is parameter.POSITIONAL_ONLY:
                    raise Error(f"parameter {parameter.name} is positional only: kernels are called by name")
                self.by_input[name] = parameter.name
            elif parameter.default is parameter.empty and parameter.kind not in (
                parameter.VAR_POSITIONAL,
                parameter.VAR_KEYWORD,
            ):
                unknown.append(parameter.name)
        if unknown:
            raise Error(
                f"the kernel takes {', '.join(unknown)}, which no case has: its inputs are {', '.join(NAMES)} and state; "
                "wrap it in a function of those that it needs"
            )
        if "g" not in self and "a" not in self:
            raise Error("the kernel takes neither g (the decay) nor a (of which the decay is made): what is it to be called with?")

    def __contains__(self, name: str) -> bool:
        return name in self.by_input

    def makes_gates(self, x: Mapping[str, Any]) -> bool:
        """Whether g and beta are made of a, b, A_log and dt_bias before the function is called, which takes only those."""
        return "a" in x and "a" not in self

    def refuse(self, x: Mapping[str, Any], precision: str, limits: Limits) -> None:
        """Cases that are not for this kernel."""
        if "g" in x and "g" not in self:
            raise Refusal("takes a, b, A_log and dt_bias, not g and beta")
        # In 16 bits beta, and its gradient, would be rounded between the kernel and what is judged.
        if self.makes_gates(x) and precision in ("bf16", "fp16"):
            raise Refusal("takes g and beta, not a, b, A_log and dt_bias")
        if self.makes_gates(x) and "A_log" in x and x["A_log"].max(initial=0) > 88:
            raise Refusal("exp(A_log) overflows float32, and its gradient with it")
        if "state_in" in x and "state_in" not in self:
            raise Refusal("takes no state")
        if "mask" in x and "mask" not in self and not x["mask"].all():
            raise Refusal("takes no mask")
        per = "channel" if x["g" if "g" in x else "a"].ndim == 4 else "head"
        if limits.decay_per not in (per, "either"):
            raise Refusal(f"takes one decay a {limits.decay_per}, not one a {per}")
        if precision not in limits.formats:
            raise Refusal(f"is not asked in {precision}")
        if x["q"].shape[1] == 0 and not limits.empty:
            raise Refusal("takes at least one token")

    def arguments(self, x: Mapping[str, Any]) -> dict[str, Any]:
        """What there is not is None: no state, no mask."""
        return {parameter: x.get(name) for name, parameter in self.by_input.items()}


def without_masked(x: Mapping[str, Any]) -> Mapping[str, Any]:
    """dy is zero where the mask is false, as a loss that leaves such tokens out makes it: in a case anything stands there."""
    if "mask" not in x or "dy" not in x:
        return x
    dy = x["dy"].copy()
    dy[~x["mask"]] = 0
    return {**x, "dy": dy}


def named(returned: Any) -> dict[str, Any]:
    """Results by name: of y alone, of (y, state), or of a dictionary."""
    if isinstance(returned, Mapping):
        return {"state_out" if name == "state" else name: value for name, value in returned.items() if value is not None}
    if isinstance(returned, (tuple, list)):
        if len(returned) != 2:
            raise TypeError(f"the kernel returned {len(returned)} values: y, (y, state) or a dictionary is wanted")
        return {name: value for name, value in zip(("y", "state_out"), returned) if value is not None}
    if returned is None:
        raise TypeError("the kernel returned None: y, (y, state) or a dictionary is wanted")
    return {"y": returned}
