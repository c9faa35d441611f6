"""How a kernel is run on a CPU: in ways that a GPU offers, and in ways that it does not.

    ahead:SEED   threads run ahead of each other as far as barriers allow, in an order drawn from SEED (0: side by side)
    races[:N]    runs N more times so, with other seeds; values that differ are a failure
    guard        pages that nobody may touch around every buffer, and inputs that must stay as they are
    written      an output that a thread should have written and none has is a failure (it is NaN in every mode)
    strict       so is what the language leaves undefined: a shuffle from a lane that is not there, a barrier after a thread has ended
    sum:ORDER    of simd_sum: ascending (exclusive-or butterfly from 1 up to 16), descending (from 16 down to 1), serial
    fma          products and sums contracted where the compiler may
    fast         fast::exp and fast::log with all the error that the language allows them
    checks       races, guard, written and strict
"""

from __future__ import annotations

from dataclasses import dataclass, replace

ORDERS = ("ascending", "descending", "serial")


@dataclass(frozen=True)
class Modes:
    """What is left out is as on a GPU that runs its threads side by side."""

    ahead: int = 0
    races: int = 0
    guard: bool = False
    written: bool = False
    strict: bool = False
    order: str = "ascending"
    fma: bool = False
    fast: bool = False

    @classmethod
    def parse(cls, text: str) -> Modes:
        """Raises ValueError for what is no mode."""
        modes = cls()
        for word in text.split(",") if text else []:
            name, _, value = word.partition(":")
            if name == "checks" and not value:
                modes = replace(modes, races=3, guard=True, written=True, strict=True)
            elif name in ("guard", "written", "strict", "fma", "fast") and not value:
                modes = replace(modes, **{name: True})
            elif name == "sum" and value in ORDERS:
                modes = replace(modes, order=value)
            elif name in ("ahead", "races") and (value.isdigit() or (name == "races" and word == name)):
                modes = replace(modes, **{name: int(value or 3)})
            else:
                raise ValueError(f"{word} is no mode: ahead:SEED, races[:N], guard, written, strict, sum:{'|'.join(ORDERS)}, fma, fast, checks")
        return modes
