"""What became of the cases of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gdr.errors import Unhealthy


@dataclass(frozen=True)
class Outcome:
    """Returned by `gdr.judge` where nothing was found."""

    seed: int
    cases: int
    """Drawn."""
    passed: int
    refused: int

    @classmethod
    def of(cls, record: dict[str, Any], seed: int, gradients: str) -> Outcome:
        """- Raises Unhealthy where a result that the kernel is to have never came."""
        ledger = record["parts"][0]["ledger"]
        tally = ledger["tallies"][0]
        if missing := sorted(never_answered(tally, gradients)):
            raise Unhealthy(f"never answered: {', '.join(missing)}" + ADVICE)
        passed = tally["agrees"] + tally["degraded"]
        return cls(seed, ledger["cases"], passed, ledger["cases"] - passed)


ADVICE = """
a kernel without gradients says so, gradients="none" or "dq,dk,dv"; one that has them must not cut what autograd follows, as .detach(), .item(),
torch.no_grad() and a new tensor made from old numbers do; and the state is the second of what it returns"""


def never_answered(tally: dict[str, Any], gradients: str) -> set[str]:
    """What was asked for and is not declared missing."""
    asked = {n: count - tally.get("excused", {}).get(n, 0) for n, count in tally["asked"].items()}
    wanted = {n for n, count in asked.items() if count > 0 and tally["answered"].get(n, 0) == 0}
    return {n for n in wanted if not n.startswith("d") or gradients == "all" or n in gradients.split(",")}
