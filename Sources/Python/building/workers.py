"""The workers as a part of the package: the same files, which find each other beside themselves there and inside of `gdr.workers` here."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Iterator


def gathered(folder: Path) -> Iterator[tuple[str, bytes]]:
    """(path, bytes) of every module and what the modules read, tests left out; imports of each other are made relative."""
    modules = {path.stem for path in folder.glob("*.py")} | {path.parent.name for path in folder.glob("*/__init__.py")}
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder)
        if path.suffix not in (".py", ".h", ".c") or "tests" in place.parts:
            continue
        data = path.read_bytes()
        yield place.as_posix(), relative(data.decode(), modules, len(place.parts)).encode() if path.suffix == ".py" else data


def relative(text: str, modules: set[str], depth: int) -> str:
    """`import worker` becomes `from . import worker`, `from worker import serve` becomes `from .worker import serve`; deeper down, with more dots."""
    lines = text.splitlines(keepends=True)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import) and any(alias.name.split(".")[0] in modules for alias in node.names):
            if len(node.names) > 1 or "." in node.names[0].name:
                raise SyntaxError(f"cannot be made relative: {lines[node.lineno - 1].strip()}")
            replace(lines, node, "import ", f"from {'.' * depth} import ")
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and (node.module or "").split(".")[0] in modules:
            replace(lines, node, "from ", f"from {'.' * depth}")
    return "".join(lines)


def replace(lines: list[str], node: ast.stmt, word: str, other: str) -> None:
    """Where the statement begins."""
    line, column = lines[node.lineno - 1], node.col_offset
    lines[node.lineno - 1] = line[:column] + line[column:].replace(word, other, 1)
