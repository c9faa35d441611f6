"""What a kernel takes, by the names of its parameters, and what it returns."""

from __future__ import annotations

import inspect
from typing import Any, Callable, Mapping

from gdr.errors import Error, Refusal

NAMES = ("q", "k", "v", "g", "beta", "a", "b", "A_log", "dt_bias", "mask", "dy", "dstate_out")
STATES = ("state", "state_in", "initial_state")
"""The last parameter names a state may go by."""


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

    def refuse(self, x: Mapping[str, Any], decay_per: str, formats: tuple[str, ...], empty: bool, precision: str) -> None:
        """Cases that are not for this kernel."""
        gates = "g" if "g" in x else "a"
        if gates not in self:
            raise Refusal("takes a, b, A_log and dt_bias, not g and beta" if gates == "g" else "takes g and beta, not a, b, A_log and dt_bias")
        if "state_in" in x and "state_in" not in self:
            raise Refusal("takes no state")
        if "mask" in x and "mask" not in self and not x["mask"].all():
            raise Refusal("takes no mask")
        per = "channel" if x[gates].ndim == 4 else "head"
        if decay_per not in (per, "either"):
            raise Refusal(f"takes one decay a {decay_per}, not one a {per}")
        if precision not in formats:
            raise Refusal(f"is not asked in {precision}")
        if x["q"].shape[1] == 0 and not empty:
            raise Refusal("takes at least one token")

    def arguments(self, x: Mapping[str, Any]) -> dict[str, Any]:
        """What there is not is None: no state, no mask."""
        return {parameter: x.get(name) for name, parameter in self.by_input.items()}


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
