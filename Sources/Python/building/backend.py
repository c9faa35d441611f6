"""Builds the wheel; needs nothing but Python.

    pip wheel Sources/Python            GDR_BINARY names the binary: by default what .github/release/binary built, else .build/release/gdr

The package is this folder's `gdr`, the binary, and the workers of `Fixtures/workers`, gathered here because they live there.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

from archive import Archive
from workers import gathered

HERE = Path(__file__).resolve().parent.parent
ROOT = HERE.parent.parent
RELEASE = ROOT / ".github" / "release"
BINARIES = (".build-static/gdr", ".build/release/gdr")


def binary() -> Path:
    named = os.environ.get("GDR_BINARY")
    for path in [Path(named)] if named else [ROOT / b for b in BINARIES]:
        if os.access(path, os.X_OK):
            return path
    sys.exit("no binary to put into the wheel: .github/release/binary builds one, and GDR_BINARY names another")


def version(program: Path) -> str:
    """Of `gdr 0.2.0: what it is`."""
    line = subprocess.run([program, "help"], capture_output=True, text=True, check=True).stdout.splitlines()[0]
    if not (found := re.match(r"gdr (\d+(?:\.\d+)+)", line)):
        sys.exit(f"{program} does not say its version: {line}")
    return found[1]


def asked(question: str, program: Path) -> list[str]:
    """The words that a script of the release answers about a binary."""
    return subprocess.run([RELEASE / question, program], capture_output=True, text=True, check=True).stdout.split()


def platform(program: Path) -> str:
    """manylinux_2_35_x86_64, or macosx_15_0_arm64: from where on the binary runs. linux_x86_64, which no index takes, for one that needs
    libraries of this machine."""
    system, oldest = asked("needs", program)
    if others := asked("others", program):
        names = ", ".join(others[:3]) + (f" and {len(others) - 3} more" if len(others) > 3 else "")
        print(
            f"warning: this wheel runs only on machines with {names}, which {program} needs; .github/release/binary builds one with everything in it",
            file=sys.stderr,
        )
        if system == "glibc":
            return f"linux_{os.uname().machine}"
    name = {"glibc": "manylinux", "macOS": "macosx"}[system]
    return f"{name}_{oldest.replace('.', '_')}_{os.uname().machine}"


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    """As pip calls it. The name of the wheel in the folder."""
    program = binary()
    tag = f"py3-none-{platform(program)}"
    with Archive(Path(wheel_directory), HERE / "pyproject.toml", version(program), tag, HERE / "README.md") as archive:
        for path in sorted((HERE / "gdr").rglob("*")):
            if path.is_file() and path.suffix in (".py", ".typed"):
                archive.add(str(path.relative_to(HERE)), path.read_bytes())
        for name, data in gathered(ROOT / "Fixtures" / "workers"):
            archive.add(f"gdr/workers/{name}", data)
        archive.add("gdr/bin/gdr", program.read_bytes(), is_program=True)
    return archive.name


def build_sdist(sdist_directory, config_settings=None):
    raise SystemExit("there is no source distribution: the binary is built from the repository")


if __name__ == "__main__":
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    folder.mkdir(parents=True, exist_ok=True)
    print(folder / build_wheel(folder))
