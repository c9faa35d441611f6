"""Regions of a page that a command makes."""

import re

from printed import ShapeError
from shapes import SHAPES

BEGIN = re.compile(r"^<!-- (table|text|transcript)((?:, (?:slow|machine))*): ((?:gdr |python3 Fixtures/|\.ci/field |\.ci/cheats).*?) -->$")
LOOKALIKE = re.compile(r"^\s*<!--\s*(table|text|transcript)\b")
END = "<!-- end -->"


class RegionError(Exception):
    """A region that is not closed, or whose command prints something else than was expected."""


def remade(page, outputs, kinds):
    """The page with those regions made again that are of these kinds, and how many these are."""
    lines, made, count = page.split("\n"), [], 0
    place = 0
    while place < len(lines):
        line = lines[place]
        made.append(line)
        place += 1
        begin = BEGIN.match(line)
        if begin is None:
            if LOOKALIKE.match(line):
                raise RegionError(f"line {place}: not a region: {line}")
            continue
        try:
            end = lines.index(END, place)
        except ValueError:
            raise RegionError(f"line {place}: the region has no end: {line}") from None
        if any(BEGIN.match(other) for other in lines[place:end]):
            raise RegionError(f"line {place}: the region holds another: {line}")
        if {word for word in begin[2].split(", ") if word} <= kinds:
            try:
                made += ["", *body(begin[1], begin[3], outputs), ""]
            except ShapeError as error:
                raise RegionError(f"line {place}: {line}: {error}") from None
            count += 1
        else:
            made += lines[place:end]
        made.append(END)
        place = end + 1
    return "\n".join(made), count


def body(kind, command, outputs):
    """The lines between the comments: a table, or a block of what is printed, in a transcript under the command itself."""
    command, _, shape = command.partition(" | ")
    if shape not in SHAPES:
        raise ShapeError(f"no shape is called '{shape}': {', '.join(filter(None, SHAPES))}")
    lines = SHAPES[shape](outputs.lines(command))
    if not lines:
        raise ShapeError("nothing is left of what the command prints")
    if kind == "transcript":
        lines = [f"$ {command}", *lines]
    return lines if kind == "table" else [f"    {line}".rstrip() for line in lines]
