"""A finding in the terms of the library's maintainers, ready to paste."""

import ast

from workers import printed


def report(one):
    """Prints the report of a confirmation, with what it printed here."""
    code, output = one.outcome()
    print("\n".join(lines(one, code, output, one.installed(), printed([one.python, "--version"]))))
    return 0


def lines(one, code, output, installed, python):
    shown = "not run here: " + output if code is None else output
    return [
        f"### `{one.function}`: {one.title}", "",
        f"With {one.library}" + (f" (checked with {installed})" if installed and not one.library.endswith(installed) else "") + f", {python}.", "",
        one.text, "",
        "A program that shows it, and exits with 1 while it is there:", "",
        "```python", script(one.path), "```", "",
        "It prints", "",
        "```text", shown, "```",
    ]  # fmt: skip


def script(path):
    """The file without its docstring."""
    source = path.read_text()
    first = ast.parse(source).body[0]
    return "\n".join(source.split("\n")[first.end_lineno:]).strip()
