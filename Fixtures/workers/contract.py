"""A contract: which rule is computed. Its text is the protocol's; the options of a worker's command line are its parts.

    --gate softplus|bounded:L|bounded:L,noA   --beta sigmoid|2sigmoid   --l2norm [EPS]   --scale 1|rsqrt|VALUE
    --decay linear|log   --layout vk|kv   --state f32|bf16|f16
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace


@dataclass(frozen=True)
class Contract:
    """What is left out is plain."""

    gate: str = "softplus"  # or "bounded": log g = L sigmoid(exp(A_log) (a + dt_bias))
    bound: float = 0  # L
    has_rate: bool = True  # whether there is an A_log
    beta: str = "sigmoid"  # or "2sigmoid"
    epsilon: float | None = None  # x / sqrt(<x, x> + epsilon) for q and k; None: as they are given
    scale: float | str = 1.0  # of q, or "rsqrt"
    decay: str = "linear"  # or "log": the tensor g holds log g
    layout: str = "vk"  # or "kv": states are [B,Hv,Dk,Dv]
    state: str = "f32"  # or "bf16", "f16"

    @classmethod
    def parse(cls, text):
        """Raises ValueError for what is no contract."""
        contract = cls()
        for part in [] if text in (None, "plain") else text.replace(",noA", ";noA").split(","):
            name, _, value = part.partition("=")
            contract = contract.having(name, value.replace(";", ","))
        return contract

    def having(self, name, value):
        """The same with another part."""
        if name == "gate" and value.startswith("bounded:"):
            bound, _, rate = value[8:].partition(",")
            return replace(self, gate="bounded", bound=float(bound), has_rate=rate != "noA")
        if name == "qk" and value.startswith("l2norm:"):
            return replace(self, epsilon=float(value[7:]))
        if name == "scale":
            return replace(self, scale=value if value == "rsqrt" else float(value))
        if value not in WORDS.get(name, ()):
            raise ValueError(f"{name}={value} is no part of a contract")
        return replace(self, epsilon=None) if name == "qk" else replace(self, **{name: value})

    def __str__(self):
        parts = [
            f"gate=bounded:{number(self.bound)}{'' if self.has_rate else ',noA'}" if self.gate == "bounded" else "",
            f"beta={self.beta}" if self.beta != "sigmoid" else "",
            f"qk=l2norm:{number(self.epsilon)}" if self.epsilon is not None else "",
            f"scale={self.scale if self.scale == 'rsqrt' else number(self.scale)}" if self.scale != 1 else "",
            *(f"{n}={getattr(self, n)}" for n in ("decay", "layout", "state") if getattr(self, n) != WORDS[n][0]),
        ]
        return ",".join(p for p in parts if p) or "plain"

    def acting(self, level):
        """The same with what matters at this level only."""
        if level == "core":
            return replace(self, gate="softplus", bound=0, has_rate=True, beta="sigmoid")
        return replace(self, decay="linear")

    def factor(self, Dk):
        """What q is multiplied by."""
        return Dk**-0.5 if self.scale == "rsqrt" else self.scale

    def parts(self):
        """The names of those that are not plain."""
        plain = Contract()
        return {f.name for f in fields(self) if getattr(self, f.name) != getattr(plain, f.name)} - {"bound"}


WORDS = {
    "gate": ("softplus",), "beta": ("sigmoid", "2sigmoid"), "qk": ("given",),
    "decay": ("linear", "log"), "layout": ("vk", "kv"), "state": ("f32", "bf16", "f16"),
}  # fmt: skip


def number(value):
    """1e-6, not 1e-06."""
    return f"{value:g}".replace("e-0", "e-")


def add_options(parser, epsilon="1e-6"):
    """`epsilon` is the library's own."""
    parser.add_argument("--gate", metavar="GATE", help="softplus, bounded:L or bounded:L,noA")
    parser.add_argument("--beta", choices=WORDS["beta"])
    parser.add_argument("--l2norm", nargs="?", const=epsilon, metavar="EPS", help="q and k are normalised")
    parser.add_argument("--scale", metavar="SCALE", help="1, rsqrt or a number")
    for name in ("decay", "layout", "state"):
        parser.add_argument(f"--{name}", choices=WORDS[name])


def of_options(arguments):
    """The contract that the options name. Ends the process where one is no part of a contract."""
    contract = Contract()
    try:
        for name in ("gate", "beta", "l2norm", "scale", "decay", "layout", "state"):
            value = getattr(arguments, name)
            if value is not None:
                contract = contract.having("qk", f"l2norm:{value}") if name == "l2norm" else contract.having(name, value)
    except ValueError as error:
        raise SystemExit(str(error)) from None
    return contract


def refusal(contract, request):
    """Why a worker of this contract does not take the request: it asks for another rule."""
    level, asked = request.get("level", "core"), Contract.parse(request.get("contract"))
    if asked.acting(level) == contract.acting(level):
        return None
    return f"computes the contract {contract}, the case asks for {asked}"
