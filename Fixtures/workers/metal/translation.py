"""From the text of a Metal kernel to C++ that metal_shim.h compiles. What is not here is the shim's."""

import re

# `threadgroup T name[N];` declares memory of the group; elsewhere the word names an address space.
SHARED = re.compile(r"\bthreadgroup\s+([A-Za-z_][\w:<>, ]*?)\s+(\w+)\s*((?:\[[^\]]*\]\s*)+);")
# There is no double in Metal: a number with a point or an exponent is a float.
FLOAT = re.compile(r"(?<![\w.])((?:\d+\.\d*|\.\d+)(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+)(?![\w.])")


def translated(text: str) -> str:
    return FLOAT.sub(r"\1f", SHARED.sub(shared, text))


def shared(found: re.Match) -> str:
    """One threadgroup runs at a time, so that its memory may be static; the first thread that comes here makes it no number."""
    kind, name, extents = found.groups()
    return f"static {kind} {name}{extents}; static unsigned msl_round_of_{name}; msl::begin(msl_round_of_{name}, &{name}, sizeof {name});"
