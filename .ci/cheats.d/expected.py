"""What `gdr judge` is to say of every worker of Fixtures/cheats."""

from typing import NamedTuple


class Expected(NamedTuple):
    verdict: str
    named: tuple
    """Any of these names it: see `Judge.names`."""
    seconds: float = 4
    """As long as it has, whatever was reduced by then."""
    flags: tuple = ()
    alone: bool = False
    """It is about time: nothing else runs beside it."""
    by_time: bool = False
    """Its cases are as many as there is time for, and the times are to be taken within it."""
    bench: str = ""
    """What `gdr bench` is to print of it."""


def fails(*named, **more):
    return Expected("fails", named, **more)


def passes(*named, **more):
    return Expected("passes", named, **({"seconds": 60} | more))


EXPECTED = {
    "remembered/fingerprint": fails("probe change"),
    "remembered/by_shape": fails("probe stale", "probe change"),
    "remembered/by_address": fails("probe stale", "probe change"),
    "remembered/last_again": fails("probe change", "probe stale"),
    "remembered/in_fp32": fails("probe stale", "probe change"),
    "remembered/left_over": fails("probe repeat", "probe stale", "says token"),
    "skipped/long_calls": fails("says at tokens from", "says at the last token"),
    "skipped/refuses_later": Expected("incomplete", ("probe whim",), 30),
    "skipped/hangs_when_hard": Expected("incomplete", ("why no answer within",), 10),
    "skipped/other_heads": fails("says value head", "says key head", seconds=10),
    "skipped/unlooked": fails("says channel", "says everywhere"),
    "skipped/first_rows": fails("says row"),
    "skipped/constant_gradients": fails("probe constant"),
    "skipped/inputs_zeroed": fails("probe constant"),
    "skipped/refuses_hard": Expected("incomplete", ("probe tame",), 60),
    "skipped/no_gradients": Expected("incomplete", ("why it has no dq",), 60, ("--gradients",), bench="--pass forward times it"),
    "lowered/bf16": fails("probe precision", seconds=20),
    "lowered/tf32": fails("probe precision", seconds=20),
    "lowered/bf16_declared": passes("plain"),
    "lowered/bf16_results": passes("plain"),
    "informed/by_recipe": fails("probe recipe", seconds=40),
    "informed/what_the_recipe_says": fails("probe recipe", seconds=40),
    "informed/seed": fails("probe constant"),
    # What is right for a while is wrong where it is asked again, or in the middle of a finding.
    "informed/call_number": fails("probe repeat", "says left of earlier", seconds=10),
    # On a fast machine all cases are over before its quarter of a second is, and its timed answers are what is wrong.
    "informed/by_time": fails("probe repeat", "says left of earlier", "why where it is timed", alone=True, seconds=10),
    "clocks/claims": passes("time claims", alone=True, bench="less than any computer needs"),
    "clocks/holds_echo": passes("time something holds it up", alone=True),
    "clocks/replayed": fails("probe stale", "probe change", alone=True, seconds=20, bench="its timed answer of round"),
    "clocks/zeros_when_large": fails("why where it is timed", alone=True, by_time=True, seconds=12, bench="its timed answer of round"),
    "clocks/first_heads": fails("why where it is timed", alone=True, bench="its timed answer of round"),
    "honest/plain": passes(),
    "honest/slow": passes(),
    "honest/unordered": passes(),
}
