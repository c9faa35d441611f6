"""From what the binary says of a run to what is raised."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable

from gdr.errors import Error, Finding, Unhealthy
from gdr.serving.run import Ended, quoted

if TYPE_CHECKING:
    from gdr.kernels.kernel import Kernel

CODES = {2: "a saved case changed its verdict", 3: "the kernel is not deterministic", 64: "wrong usage", 65: "bad data", 70: "an internal error"}


def read(path: Path) -> dict[str, Any] | None:
    """The record of a run, if it came to write one."""
    return json.loads(path.read_text()) if path.exists() else None


Explain = Callable[[str], list[str]]
"""What `gdr explain` says of a recipe, in lines."""


def finding_of_record(record: dict[str, Any] | None, ended: Ended, name: str, kernel: Kernel, explain: Explain) -> Finding:
    """The first that the run reduced."""
    reduced = record["parts"][0]["ledger"]["reduced"] if record else []
    if not reduced:
        return Finding(f"{name} is wrong:\n{ended.output.strip()}")
    first = reduced[0]
    lines = [f"{name} {plain(first['sentence'])}"]
    lines += [f"  {line}" for line in first["explanation"] if not line.startswith("met on ")]
    recipe = first["finding"]["recipe"]
    # As it was met its pattern is known better than as it was reduced.
    # The first few findings of a run come with what is known of their cause.
    known = any("the failure depends on" in line for line in lines)
    return found(lines if known else [*lines, *causes(explain(recipe))], recipe, kernel)


def finding_of_replay(output: str, name: str, kernel: Kernel, explain: Explain) -> Finding:
    """The first case that fails: a line that is its recipe, and under it what became of it."""
    recipe = None
    for line in output.splitlines():
        if line.startswith("v"):
            recipe = line.strip()
        elif any(f"{name} {word}" in line for word in ("disagrees", "failed", "memory:")):
            first = f"{name} {plain(line.split(name, 1)[1].strip())}"
            return found([first, *(explain(recipe) if recipe else [])], recipe, kernel)
    return Finding(f"{name} is wrong:\n{output.strip()}", recipe)


def finding_of_silence(name: str, recipe: str | None, kernel: Kernel) -> Finding:
    """What was ended is not reduced: every attempt would take as long again."""
    return found([f"{name} gave no answer within {kernel.wishes.deadline:g} s"], recipe, kernel)


def explanation(output: str) -> list[str]:
    """The lines under the first, but for those that name the case."""
    lines = [line for line in output.splitlines()[1:] if line.startswith("  ")]
    return [line for line in lines if not line.startswith(("  on v", "  gdr "))]


def causes(lines: list[str]) -> list[str]:
    """What a case needs to fail, and what that may mean."""
    return [line for line in lines if line.startswith(("  the failure depends on", "  fails in this way at", "  likely cause", "  perhaps"))]


def plain(sentence: str) -> str:
    return sentence.replace("the worker reports an error:", "it raised")


def found(lines: list[str], recipe: str | None, kernel: Kernel) -> Finding:
    """With the line that keeps the case, and the one that shows it without this test."""
    if recipe:
        lines = [*lines, f'  this case again:  @gdr.example("{recipe}")', f"  as a program:     {program(recipe, kernel)}"]
        if not kernel.wishes.roundings and recipe.split("/seed=")[0].endswith(("/bf16", "/f16")):
            lines.append('  if 16 bits inside are meant: roundings="products:input"; formats="f32" leaves such cases out')
        if inputs := re.findall(r"changed its input (\w+)", lines[0]):
            lines.append(f'  if it may: writes="{",".join(inputs)}"')
        if "of an earlier call" in lines[0]:
            lines.append('  if a caller is to copy every answer before the next call: writes="outputs"')
        if "no run in fp64" in lines[0]:
            lines.append("  double=True, if it also runs in float64, tells the two apart")
        if kernel.arrays == "numpy" and kernel.wishes.arrays is None and "it raised" in lines[0]:
            lines.append('  it was called with numpy arrays: arrays="torch" gives it tensors')
    return Finding("\n".join(lines), recipe)


def program(recipe: str, kernel: Kernel) -> str:
    return quoted(["gdr", "repro", recipe, "--for", kernel.arrays])


def trouble(ended: Ended) -> Error:
    """Any other end: no finding, and no success."""
    marker = "this run should not be believed:\n"
    if ended.code == 4 and marker in ended.output:
        refusals = [line for line in ended.output.splitlines() if re.match(r"\S+ refused \d+: ", line)]
        return Unhealthy("\n".join([ended.output.split(marker, 1)[1].split("\n\n")[0].strip(), *refusals]))
    said = ended.errors.strip() or ended.output.strip()[-2000:]
    if ended.code < 0:
        return Error(f"the binary was ended by signal {-ended.code}: {said}")
    return Error(f"{CODES.get(ended.code, f'exit code {ended.code}')}: {said}")
