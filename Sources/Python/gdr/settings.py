"""What the test runner says of the test that is running; outside of one, the defaults."""

from __future__ import annotations

import datetime
import re
from contextvars import ContextVar
from dataclasses import dataclass, replace
from pathlib import Path

PROFILES = {"quick": 0.1, "ci": 1.0, "nightly": 100.0}
"""By which the number of cases of every test is multiplied."""


@dataclass(frozen=True)
class Settings:
    name: str | None = None
    """Under which findings are saved; None: that of the kernel."""
    corpus: Path | None = None
    """Where they are saved; None: nowhere."""
    factor: float = 1.0
    seed: int = 1

    def count(self, cases: int) -> int:
        return max(1, round(cases * self.factor))

    def under(self, profile: str, seed: int | None = None) -> Settings:
        """The same cases every time, but every night others."""
        chosen = seed if seed is not None else today() if profile == "nightly" else self.seed
        return replace(self, factor=PROFILES[profile], seed=chosen)


def today() -> int:
    """The date in Greenwich, as 20261231."""
    return int(datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%d"))


def clean(name: str) -> str:
    """As a name on the command line of the binary, and in that of a file."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip("-.")[:80] or "kernel"


current: ContextVar[Settings] = ContextVar("gdr_settings", default=Settings())
