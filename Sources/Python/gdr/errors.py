"""How a run can end that does not end well."""

from __future__ import annotations


class Error(Exception):
    """Nothing is known of the kernel: a wrong argument, a missing binary, a run that did not come to its end."""


class Unhealthy(Error):
    """The run went to its end and does not prove anything: hardly a case was taken, or a gradient never came."""


class Finding(AssertionError):
    """The kernel is wrong on a case."""

    def __init__(self, text: str, recipe: str | None = None):
        super().__init__(text)
        self.recipe = recipe
        """The case in one line, reduced as far as it went."""


class Refusal(Exception):
    """Raised by a kernel, with one line, on a case that it does not take. It is counted, and nothing is judged."""
