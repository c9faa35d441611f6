"""Tests kernels of the gated delta rule: the binary `gdr`, and `gdr.judge` for a kernel of this process.

    def test_kernel():
        gdr.judge(my_kernel, contract="decay=log", form="chunked:64", cases=500)

Everything else is the command's: `gdr help`.
"""

from gdr.asking import verdict
from gdr.errors import Error, Finding, Refusal, Unhealthy
from gdr.examples import example
from gdr.judging import judge
from gdr.outcome import Outcome
from gdr.program import version

__all__ = ["Error", "Finding", "Outcome", "Refusal", "Unhealthy", "example", "judge", "verdict", "version"]
