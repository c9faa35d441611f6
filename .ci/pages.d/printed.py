"""What commands print, in lines and columns."""

import re


class ShapeError(Exception):
    """A command that printed something else than its table was made from."""


def cells(line):
    """Columns lie two spaces apart."""
    return re.split(r" {2,}", line.strip())


def under(lines, head):
    """The lines from the one that begins so to the next empty one."""
    start = next((i for i, line in enumerate(lines) if line.lstrip().startswith(head)), None)
    if start is None:
        raise ShapeError(f"no line begins with '{head}'")
    rest = lines[start:]
    return rest[: rest.index("")] if "" in rest else rest


def markdown(head, rows):
    if not rows:
        raise ShapeError("the table has no rows")
    odd = next((row for row in rows if len(row) != len(head)), None)
    if odd is not None:
        raise ShapeError(f"{len(head)} columns, but {len(odd)} in: {' | '.join(odd)}")
    return [line_of(head), "|" + "---|" * len(head), *map(line_of, rows)]


def line_of(row):
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"


def everything(lines):
    return lines


def first_block(lines):
    return lines[: lines.index("")] if "" in lines else lines


def listed(lines):
    """Heads and what they mean: two spaces in, and what does not fit deeper under it."""
    entries = []
    for line in lines:
        if re.match(r"  \S", line):
            entries.append(cells(line) if len(cells(line)) > 1 else [line.strip(), ""])
        elif line.startswith("   ") and entries:
            entries[-1][-1] = f"{entries[-1][-1]} {line.strip()}".strip()
    return entries
