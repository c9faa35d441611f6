#!/usr/bin/env python3
"""Workers that cheat, and honest ones beside them, for whoever judges: python3 cheat.py remembered/fingerprint

Each is a small file: a docstring that says how it cheats, `evaluate`, and in some `DECLARES`, which goes before what kernel.py declares. All that is right in
them comes from kernel.py. `.ci/cheats` judges every one and says by what it was caught. Without a name: their list.
"""

import importlib
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "workers"))


def names():
    """Those of one folder after the other."""
    return sorted(f"{path.parent.name}/{path.stem}" for path in HERE.glob("*/*.py"))


def main():
    if len(sys.argv) != 2 or sys.argv[1] not in names():
        sys.exit("usage: cheat.py NAME; a name is one of\n  " + "\n  ".join(names()))
    from kernel import DECLARATION
    from worker import serve

    cheat = importlib.import_module(sys.argv[1].replace("/", "."))
    serve(DECLARATION | getattr(cheat, "DECLARES", {}), cheat.evaluate)


if __name__ == "__main__":
    main()
