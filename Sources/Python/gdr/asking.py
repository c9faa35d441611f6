"""`gdr.verdict`: what `gdr judge` says of a kernel, for programs that write kernels."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Callable

from gdr import program, settings
from gdr.errors import Error
from gdr.judging import asked
from gdr.reading import trouble
from gdr.serving.run import Ended, against

CODES = (0, 1, 4, 65)
"""Passes, fails, neither, and nothing evaluated: what comes with a verdict."""


def verdict(
    kernel: Callable[..., Any] | str,
    *,
    cases: int | None = None,
    seconds: float | None = None,
    size: str = "small",
    families: str | None = None,
    law: str | None = None,
    accept_refusals: bool = False,
    layer: str | None = None,
    T: int | None = None,
    flags: tuple[str, ...] = (),
    **about: Any,
) -> dict[str, Any]:
    """The JSON of `gdr judge`: "verdict" ("passes", "fails", "incomplete"), "reasons", "findings", "probes", "times" and the rest.

    `kernel` is a function of this process, of which `about` says what `gdr.judge` is told (contract, form, roundings, double, writes, ...), or the
    command of a worker, which says it itself. So many `cases` or `seconds` of a `size` or of `families`; judged by a `law` in place of what is
    declared; timed at a `layer` ("Hk/Hv/Dk/Dv") of `T` tokens. Cases are other ones every time: to have them again, `flags=("--seed", "7")`.

    Of a function, `replay`, `explain` and `next` are calls of this package; of a command they are lines for a shell.

    - Raises Error where there is no verdict, and Finding where a function of this process does not answer within its deadline.
    """
    __tracebackhide__ = True
    words = ["judge", "--size", size, "--jobs", "1", *flags]
    given = {"--cases": cases, "--for": None if seconds is None else f"{seconds:g}s", "--families": families, "--as": law, "--layer": layer, "--T": T}
    words += [word for flag, value in given.items() if value is not None for word in (flag, str(value))]
    words += ["--accept-refusals"] if accept_refusals else []
    with tempfile.TemporaryDirectory(prefix="gdr-") as folder:
        path = Path(folder) / "verdict.json"
        ended = judged(kernel, [*words, "--json", str(path)], about)
        if ended.code not in CODES or not path.exists():
            raise trouble(ended)
        found = json.loads(path.read_text())
    if isinstance(kernel, str):
        return found
    again = {"cases": cases, "seconds": seconds, "size": size, "families": families, "law": law, "accept_refusals": accept_refusals or None}
    return by_calls(found, {**about, "law": law}, {**again, "layer": layer, "T": T, **about}, flags)


def by_calls(found: dict[str, Any], judged: dict[str, Any], asked: dict[str, Any], flags: tuple[str, ...]) -> dict[str, Any]:
    """The same with calls in place of command lines: no shell can start a function of this process."""
    name = found["worker"]["name"]
    name = name if name.isidentifier() and name != "lambda" else "kernel"
    found["worker"].pop("command", None)
    for finding in found["findings"]:
        finding["replay"] = finding["explain"] = f"gdr.judge({name}, {spelled({**judged, 'examples': [finding['recipe']], 'cases': 1})})"
    if "next" in found:
        shown = next((finding["explain"] for finding in found["findings"] if finding["repeatable"]), None)
        found["next"] = shown or f"gdr.verdict({name}, {spelled({**asked, 'flags': (*flags, '--seed', found['seed'])})})"
    return found


def spelled(arguments: dict[str, Any]) -> str:
    """Those that are given, as a call has them."""
    return ", ".join(f"{name}={value!r}" for name, value in arguments.items() if value is not None)


def judged(kernel: Callable[..., Any] | str, words: list[str], about: dict[str, Any]) -> Ended:
    __tracebackhide__ = True
    if isinstance(kernel, str):
        if about:
            raise Error(f"a command says itself what it computes: {', '.join(about)}")
        done = subprocess.run([program.path(), *words, "--against", f"kernel={kernel}"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        return Ended(done.returncode, done.stdout, done.stderr)
    from gdr.kernels.kernel import Kernel, Wishes  # only here: it takes a second with torch

    try:
        wishes = Wishes(**about)
    except TypeError as error:
        raise Error(str(error)) from None
    name = settings.clean(str(getattr(kernel, "__name__", type(kernel).__name__)))
    served = Kernel(kernel, wishes)
    # Gates that are made for it are not its own, and where they overflow it would be taken for one that refuses what is hard.
    level = [] if "a" in served.parameters or "--level" in words else ["--level", "core"]
    return asked(served, name, [*words, *level, *against(name)])
