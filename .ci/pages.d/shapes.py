"""Tables of the pages, cut out of what commands print, and the name of each."""

import itertools

from printed import ShapeError, cells, everything, first_block, listed, markdown, under
from studies import caught, dangers, doubling, guided, reductions, solves, speed, without_seconds


def finding(lines):
    """Of `gdr explain`: what is wrong, where on this case, and why."""
    start = next((i for i, line in enumerate(lines) if line.startswith("  here: ")), None)
    cause = next((i for i, line in enumerate(lines) if line.startswith(("  likely cause: ", "  perhaps: "))), None)
    if start is None or cause is None:
        raise ShapeError("no pattern and cause")
    others = ("  on ", "  the failure depends on", "  forward, ", "  backward, ", "  fails at ")
    where = itertools.takewhile(lambda line: line and not line.startswith(others), lines[start:cause])
    # What goes on in a line below lies deeper.
    why = itertools.takewhile(lambda line: line.startswith("   "), lines[cause + 1 :])
    return [*first_block(lines), *where, lines[cause], *why]


def commands(lines):
    """The list of `gdr help`, without operands, and in few characters: README counts words. Those about gdr itself are left out."""
    named = [(head.split()[1], meaning) for head, meaning in listed(under(lines, "gdr fuzz"))]
    return ["|command|what it does|", "|---|---|"] + [
        f"|`{name}`|{meaning}|" for name, meaning in named if name not in ("completion", "help", "version")]


def exit_codes(lines):
    return ["|exit code|meaning|", "|---|---|"] + [
        f"|{code}|{meaning}|" for code, meaning in listed(under(lines, "0 "))]


def built_in(lines):
    rows = []
    for line in lines[1:]:
        if line.startswith(" "):
            rows[-1][-1] += " " + line.strip()
        else:
            row = cells(line)
            rows.append(row if len(row) == 5 else row + [""])
    table = []
    for name, form, clamp, _, note in rows:
        what, _, refused = note.strip().partition("; refuses: ")
        table.append([f"`{name}`", form, clamp, what, refused])
    return markdown(["name", "form", "clamp", "what it is", "refuses"], table)


def agreement(lines):
    """What of `gdr check` says how far implementations are from what libraries computed, hard cases apart."""
    chosen = [
        ("sequential", "mlx-lm", "fp32"), ("chunked-stable", "mlx-lm", "fp32"), ("chunked", "mlx-lm", "fp32"),
        ("sequential", "transformers", "fp32"), ("sequential", "fla-core", "fp32"), ("sequential", "onnxruntime", "fp32"),
        ("sequential", "onnx", "fp32"), ("sequential", "mlx-lm", "fp64"), ("chunked", "mlx-lm", "fp64"),
    ]
    table = under(lines, "difference / largest")
    found, group = {}, None
    for line in table[1:]:
        if line.startswith("  "):
            found[group, cells(line)[0]] = cells(line)[1:]
        else:
            library, _, precision = line.split(" ", 2)
            group = library, precision
    rows = []
    for implementation, library, precision in chosen:
        if ((library, precision), implementation) not in found:
            raise ShapeError(f"no row for {implementation} against {library} in {precision}")
        numbers = found[(library, precision), implementation]
        rows.append([f"{implementation}, {library}" + (" in fp64" if precision == "fp64" else "")]
                    + ["" if number == "-" else number for number in numbers])
    return markdown(["largest difference"] + cells(table[0])[1:], rows)


SHAPES = {
    "": everything, "first block": first_block, "finding": finding, "commands": commands, "exit codes": exit_codes,
    "built in": built_in, "agreement": agreement,
    "doubling": doubling, "solves": solves, "classes": without_seconds("class "),
    "clean specimens": without_seconds("clean specimen "), "in bf16": without_seconds("in bf16, no fp64 "),
    "reductions": reductions, "caught": caught, "guided": guided, "speed": speed, "dangers": dangers,
}
