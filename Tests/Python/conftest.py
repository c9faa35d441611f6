"""Run from an installed wheel: `.ci/wheel`."""

import pytest
from gdr import settings

pytest_plugins = "pytester"


@pytest.hookimpl(hookwrapper=True, trylast=True)
def pytest_runtest_call(item):
    """What is wrong on purpose here is not to be saved: inside of what the plugin sets, no settings."""
    token = settings.current.set(settings.Settings())
    yield
    settings.current.reset(token)
