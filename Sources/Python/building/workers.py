"""The workers as a part of the package: the same files, which find each other beside themselves there and inside of `gdr.workers` here."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Iterator


def gathered(folder: Path) -> Iterator[tuple[str, str]]:
    """(name, text) of every module, with its imports of the others made relative."""
    modules = {path.stem for path in folder.glob("*.py")}
    for name in sorted(modules):
        yield f"{name}.py", relative((folder / f"{name}.py").read_text(), modules)


def relative(text: str, modules: set[str]) -> str:
    """`import worker` becomes `from . import worker`, `from worker import serve` becomes `from .worker import serve`."""
    lines = text.splitlines(keepends=True)
    for node in ast.walk(ast.parse(text)):
        line = lines[node.lineno - 1] if isinstance(node, (ast.Import, ast.ImportFrom)) else ""
        if isinstance(node, ast.Import) and any(alias.name in modules for alias in node.names):
            if len(node.names) > 1:
                raise SyntaxError(f"line {node.lineno} imports a worker and something else: {line.strip()}")
            lines[node.lineno - 1] = line.replace("import ", "from . import ", 1)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module in modules:
            lines[node.lineno - 1] = line.replace("from ", "from .", 1)
    return "".join(lines)
