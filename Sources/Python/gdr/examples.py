"""Cases that a test always begins with."""

from __future__ import annotations

from contextvars import ContextVar
from functools import wraps
from typing import Any, Callable, TypeVar

Test = TypeVar("Test", bound=Callable[..., Any])

current: ContextVar[tuple[str, ...]] = ContextVar("gdr_examples", default=())
"""Those of the test that is running, the uppermost first."""


def example(recipe: str) -> Callable[[Test], Test]:
    """Has every `gdr.judge` in the test begin with this case, as the message of a finding prints it."""
    if not isinstance(recipe, str) or not recipe.startswith("v"):
        raise TypeError(f"gdr.example takes a recipe like 'v1/B1-T4-...', not {recipe!r}")

    def decorate(test: Test) -> Test:
        @wraps(test)
        def run(*arguments: Any, **options: Any) -> Any:
            token = current.set((*current.get(), recipe))
            try:
                return test(*arguments, **options)
            finally:
                current.reset(token)

        return run  # type: ignore[return-value]

    return decorate
