"""The pages as one DocC archive."""

import re
import shutil
import subprocess
from os.path import normpath
from pathlib import Path

from links import LINK, TOPICS

ROOT_PAGE = "README.md"


def archived(pages, work, target):
    """Makes the archive, in the target if there is one, and answers with what docc complains about."""
    if shutil.which("docc") is None:
        print("skipped the archive: no docc here")
        return ["no docc to make the archive with"] if target else []
    catalogue = work / "gdr.docc"
    catalogue.mkdir()
    for page in pages:
        (catalogue / f"{name(page)}.md").write_text(converted(page, pages))
        for picture in page.parent.glob("*.svg"):
            shutil.copy(picture, catalogue)
    done = subprocess.run(
        ["docc", "convert", str(catalogue), "--fallback-display-name", "gdr", "--fallback-bundle-identifier", "gdr",
         "--output-path", str(target or work / "archive")],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
    complaints = re.findall(r"^(?:warning|error):.*(?:\n\s+-->.*)?", done.stdout, re.MULTILINE)
    return complaints or ([f"docc: exit code {done.returncode}"] if done.returncode else [])


def name(page):
    """That of its file; but a README.md below the top is called after its folder."""
    return page.parent.name if page.name == ROOT_PAGE and str(page) != ROOT_PAGE else page.stem


def converted(page, pages):
    """A page for the archive: links of DocC, no symbols, which the archive has none of, and README.md in front."""
    text = page.read_text()
    if str(page) == ROOT_PAGE:
        text = re.sub(r"\A(# .*\n)", r"\1\n@Metadata {\n  @TechnologyRoot\n}\n", text)
    else:
        text = text.split(f"\n{TOPICS}\n")[0]
    text = re.sub(r"\A# ``([^`]+)``", r"# \1", text)
    text = re.sub(r"(?<!`)``([^`\n]+)``(?!`)", r"`\1`", text)

    def link(match):
        bang, words, target = match.groups()
        file = Path(normpath(page.parent / target.partition("#")[0]))
        if bang or re.match(r"\w+:", target):
            return match[0]
        return f"[{words}](doc:{name(file)})" if file in pages else words

    return LINK.sub(link, text)
