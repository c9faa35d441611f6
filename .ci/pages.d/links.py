"""Links of a document in Markdown."""

import re
from os.path import normpath
from pathlib import Path

# [text](target) and ![text](target); what stands in code is none.
LINK = re.compile(r"(!?)\[([^\[\]]*)\]\(([^()\s]+)\)")
DOC = re.compile(r"<doc:([^<>]+)>")
TOPICS = "## Topics"


def prose(text):
    """The lines, with code taken out."""
    fenced, lines = False, []
    for line in text.split("\n"):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        lines.append("" if fenced or line.startswith("    ") else re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", line))
    return lines


def dead_links(page):
    """What of the links of a page leads nowhere, a line each."""
    text, problems = page.read_text(), []
    in_topics = False
    for number, line in enumerate(prose(text), 1):
        in_topics = (in_topics and not line.startswith("## ")) or line == TOPICS
        for name in DOC.findall(line):
            if not in_topics:
                problems.append(f"line {number}: <doc:{name}> is no link on GitHub; outside of Topics a path is one everywhere")
            elif not (page.parent / f"{name}.md").exists():
                problems.append(f"line {number}: no page is called {name}")
        for _, _, target in LINK.findall(line):
            problem = trouble(page, target)
            if problem:
                problems.append(f"line {number}: {problem}")
    return problems


def trouble(page, target):
    if re.match(r"(https?|mailto):", target):
        return None
    path, _, heading = target.partition("#")
    file = Path(normpath(page.parent / path)) if path else page
    if not file.exists():
        return f"there is no {file}"
    if heading and heading not in headings(file.read_text()):
        return f"{file} has no heading #{heading}"
    return None


def headings(text):
    """As GitHub names them."""
    found = [line.lstrip("#").strip() for line in text.split("\n") if re.match(r"#{1,6} ", line)]
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}
