"""The tables of Libraries.md."""

from printed import markdown


def number(value):
    return f"{value:,}"


def of_workers(listed, rows, confirmations):
    """A row a worker that was run, and a line for those that were not."""
    head = ["worker", "what runs", "budget", "cases", "agree", "degraded", "fail", "refused", "worst", "finds from", "where safe", "findings"]
    table = []
    for worker in listed:
        if (row := rows.get(worker.name)) is None:
            continue
        named = [c.name for c in confirmations if worker.name in c.workers]
        table.append([
            f"`{row['name']}`", f"{row['function']}, {row['library']} {row['version']}, {row['contract']}", f"{row['seconds']} s", number(row["cases"]),
            number(row["agrees"]), number(row["degraded"]), number(row["disagrees"] + row["failed"]), number(row["refused"]),
            "" if row["worst"] is None else f"{row['worst']:.2f}", row["power"], row["map"], ", ".join(named) or "none",
        ])  # fmt: skip
    lines = markdown(head, table)
    missing = [w for w in listed if w.is_run and w.name not in rows]
    if missing:
        lines += ["", "Not run: " + ", ".join(f"`{w.name}` ({w.needs})" for w in missing) + "."]
    return lines


def of_findings(listed, rows, confirmations):
    head = ["name", "library", "function", "what it is", "known", "recipe"]
    return markdown(head, [
        [f"`{c.name}`", c.library, f"`{c.function}`", f"{c.kind}: {c.title}", c.known, f"`{c.recipe}`" if c.recipe.startswith("v1/") else c.recipe]
        for c in confirmations
    ])  # fmt: skip


TABLES = {"workers": of_workers, "findings": of_findings}
