"""Tables of the studies: guard, mutants, search, bench, and what a run draws."""

import itertools
import re

from printed import ShapeError, cells, markdown, under


def doubling(lines):
    """The layers of `gdr guard` that solve by doubling, at the corner."""
    rows = [cells(line) for line in under(lines, "solve ")[1:] if line.startswith("doubling ")]
    return markdown(
        ["doubling in sub-blocks of", "T = 64", "T = 256", "grade"],
        [[row[1], row[2], row[3], row[5]] for row in rows if row[1] != "64"])


def solves(lines):
    """The bare solves of `gdr guard`: two formats at two sizes, and how far each is safe."""
    table = under(lines, "the solve alone")
    sizes = cells(table[0])[1:-1]
    methods, name = {}, None
    for line in table[1:]:
        row = cells(line)
        if " / " not in row[-1]:
            break
        if row[0] not in ("fp32", "tf32", "bf16", "fp16"):
            name = row.pop(0)
        methods.setdefault(name, {})[row[0]] = row[1:]
    if len(methods) < 2:
        raise ShapeError("no table of solves")
    at = {size: sizes.index(size) for size in ("16", "32")}
    return markdown(
        ["beta at most 1, largest error of X", "fp32, 16 rows", "fp32, 32 rows", "bf16, 16 rows", "fp16, 32 rows",
         "safe to (fp32, beta up to 1 / up to 2)"],
        [[name, row["fp32"][at["16"]], row["fp32"][at["32"]], row["bf16"][at["16"]], row["fp16"][at["32"]], row["fp32"][-1]]
         for name, row in methods.items()])


def without_seconds(head):
    """A table of `gdr mutants` that begins so, but for what depends on the machine."""

    def shape(lines):
        table = [cells(line) for line in under(lines, head)]
        # Remarks may follow without a line between.
        rows = itertools.takewhile(lambda row: len(row) == len(table[0]), table)
        kept = [i for i, name in enumerate(table[0]) if name != "s"]
        head_of_kept, *rest = [[row[i] for i in kept] for row in rows]
        return markdown(head_of_kept, rest)

    return shape


def reductions(lines):
    """Some mutants, what each stands for, and the recipe that it comes down to."""
    chosen = [
        "sequential/rate-by-key-head", "checkpoint/cotangent-dropped-at-segments", "chunk/chunk-decay-without-state",
        "chunk-64/sub-block-32", "sequential/nan-is-zero", "engine/padding-is-last-slot", "engine/rejected-stay",
    ]
    rows = []
    for name in chosen:
        place = next((i for i, line in enumerate(lines) if line.startswith(name + " ")), None)
        if place is None or not lines[place + 2].startswith("    v1/"):
            raise ShapeError(f"no reduced recipe of {name}")
        rows.append([f"`{name}`", lines[place + 1].rpartition(" (")[2].rstrip(")"), f"`{lines[place + 2].strip()}`"])
    return markdown(["mutant", "stands for", "reduced to"], rows)


def caught(lines):
    """The last words of `gdr mutants`, but for what depends on the machine."""
    return [re.sub(r", \d+ within .*", "", line) for line in lines if re.search(r"reduce to one line|caught from each", line)]


def guided(lines):
    """What `gdr search` comes to."""
    return under(lines, "worst error / bound")


def speed(lines):
    """`gdr bench`: all of the first number of tokens, and time and memory of the others."""
    head, rows = ["implementation"], {}
    for line in lines:
        row = cells(line)
        tokens = re.match(r"B=\d+ (T)=(\d+) ", line)
        if tokens:
            head += [f"T = {tokens[2]}"] + ([] if rows else ["GFLOP/s", "of the peak"]) + ["peak memory"]
            is_first = not rows
        elif len(row) == 8 and row[0] != "median":
            name, median, _, _, memory, _, rate, share = row
            rows.setdefault(f"`{name}`", []).extend([median] + ([rate, share] if is_first else []) + [memory + " MB"])
        elif row[0].startswith("the reference"):
            name, time = row[0].split(": ")
            rows.setdefault(name, []).extend([time] + (["", ""] if is_first else []) + [""])
    return markdown(head, [[name, *row] for name, row in rows.items()])


def dangers(lines):
    """The labelled dangers of a run, and how many of its cases had each."""
    start = next((i for i, line in enumerate(lines) if line.startswith("drawn: ")), None)
    if start is None:
        raise ShapeError("no list of dangers")
    return [line.strip() for line in lines[start + 1 :]]
