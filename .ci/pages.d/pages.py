"""What a reader may open."""

import subprocess
from pathlib import Path


def pages():
    """README.md, and what it is the front of."""
    return listed("README.md", "Sources/*.docc/*.md", "Sources/*/README.md", ".github/CONTRIBUTING.md")


def documents():
    """Everything in Markdown."""
    return listed("*.md")


def listed(*patterns):
    """Files by their names; what git ignores is none."""
    names = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        stdout=subprocess.PIPE, universal_newlines=True, check=True).stdout
    return sorted(path for path in map(Path, names.splitlines()) if path.exists() and not path.is_symlink())
