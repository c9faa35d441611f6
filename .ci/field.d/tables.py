"""The tables of Libraries.md."""

from printed import markdown

# How a confirmation says that no issue or pull request was found.
NOT_FOUND = "not found in November 2026"
# What a worker that was not run needs.
NEEDS = {"cpu": "no time for it", "gpu": "a GPU of NVIDIA", "mac": "a Mac"}


def number(value):
    return f"{value:,}"


def of_workers(listed, rows, confirmations):
    """A row a worker that was run, and a line for those that were not."""
    head = ["worker", "what runs", "seconds", "cases", "agree", "fail", "refused", "worst", "finds y off by", "where safe", "findings"]
    table = []
    for worker in listed:
        if (row := rows.get(worker.name)) is None:
            continue
        named = [f"`{c.name}`" for c in confirmations if worker.name in c.workers]
        contract = "" if row["contract"] == "plain" else f", {row['contract']}"
        degraded = f", {row['degraded']} degraded" if row["degraded"] else ""
        table.append([
            f"`{row['name']}`", f"{row['function']}, {row['library']} {row['version']}{contract}", number(row["seconds"]), number(row["cases"]),
            number(row["agrees"]) + degraded, number(row["disagrees"] + row["failed"]), number(row["refused"]),
            "" if row["worst"] is None else f"{row['worst']:.2f}", row["power"], row["map"], ", ".join(named),
        ])  # fmt: skip
    lines = markdown(head, table)
    missing = [f"`{w.name}` ({NEEDS[w.needs]})" for w in listed if w.is_run and w.name not in rows]
    return lines + (["", "Not run: " + ", ".join(missing) + "."] if missing else [])


def of_findings(listed, rows, confirmations):
    """A row a confirmation: what it is, whether upstream knows, and the recipe, where gdr draws such a case."""
    head = ["finding", "where", "what it is", "known upstream", "recipe"]
    return markdown(head, [
        [f"`{c.name}`", f"{c.library}, `{c.function.rpartition('.')[2]}`", f"{c.kind}: {c.title}", c.known.replace(NOT_FOUND, "no"),
         f"`{c.recipe}`" if c.recipe.startswith("v1/") else ""]
        for c in confirmations
    ])  # fmt: skip


TABLES = {"workers": of_workers, "findings": of_findings}
