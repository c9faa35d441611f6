"""`python -m gdr` and the command `gdr`: this process becomes the binary."""

import os
import sys
from typing import NoReturn

from gdr.errors import Error
from gdr.program import path


def main() -> NoReturn:
    try:
        os.execv(path(), ["gdr", *sys.argv[1:]])
    except (Error, OSError) as error:
        sys.exit(f"gdr: {error}")


if __name__ == "__main__":
    main()
