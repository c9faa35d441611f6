"""One function of a library that takes a file's inputs and returns the file's results."""

from dataclasses import dataclass

import numpy as np
from contract import Contract


@dataclass(frozen=True)
class Peer:
    function: str
    level: str
    form: str
    load: object  # once its library is there
    packages: tuple  # the library, and what it computes with
    contract: Contract = Contract()  # which rule it computes

    @property
    def takes_log(self):
        """Whether its g is a logarithm that the file does not hold."""
        return self.packages[0] != "mlx-lm" and self.level == "core" and self.contract.decay == "linear"

    @property
    def chunked(self):
        return self.form != "sequential"


def log_of(g):
    with np.errstate(divide="ignore"):
        return np.log(g.astype(np.float64)).astype(np.float32)
