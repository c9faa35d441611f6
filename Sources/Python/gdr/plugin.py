"""For pytest: `--gdr-profile`, a corpus beside the tests, and the recipe of a finding among the properties that `--junitxml` writes."""

from __future__ import annotations

from typing import Any, Generator

import pytest

from gdr import settings
from gdr.errors import Error, Finding
from gdr.program import version


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("gdr", "kernels of the gated delta rule")
    group.addoption(
        "--gdr-profile", choices=sorted(settings.PROFILES), default="ci",
        help="quick: a tenth of the cases; ci: as the tests say, the same every time; nightly: a hundred times as many, every day others",
    )  # fmt: skip
    group.addoption("--gdr-seed", type=int, metavar="S", help="seed of the cases (1; nightly: the date)")


def pytest_report_header(config: pytest.Config) -> str:
    chosen = of(config)
    try:
        return f"gdr: {version()}, profile {config.getoption('--gdr-profile')}, seed {chosen.seed}"
    except Error as error:
        return f"gdr: {error}"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, None]:
    """What `gdr.judge` in the test reads, and what is noted of a finding."""
    folder = item.path.parent
    name = settings.clean(f"{item.path.stem}.{item.name}")
    token = settings.current.set(of(item.config, name=name, corpus=folder / "gdr-corpus"))
    outcome = yield
    settings.current.reset(token)
    error = outcome.excinfo and outcome.excinfo[1]
    if isinstance(error, Finding) and error.recipe:
        item.user_properties.append(("gdr.recipe", error.recipe))


def of(config: pytest.Config, **options: Any) -> settings.Settings:
    chosen = settings.Settings(**options)
    return chosen.under(config.getoption("--gdr-profile"), config.getoption("--gdr-seed"))
