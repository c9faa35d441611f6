"""One function of a library that takes a file's inputs and returns the file's results."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Peer:
    function: str
    level: str
    form: str
    load: object  # once its library is there
    packages: tuple  # the library, and what it computes with

    @property
    def takes_log(self):
        return self.packages[0] != "mlx-lm" and self.level == "core"

    @property
    def chunked(self):
        return self.form != "sequential"


def log_of(g):
    with np.errstate(divide="ignore"):
        return np.log(g.astype(np.float64)).astype(np.float32)
