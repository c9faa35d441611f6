"""An end to a call that does not return."""

from __future__ import annotations

import signal
import threading
import time
from contextlib import contextmanager
from typing import Any, Iterator


class Overdue(BaseException):
    """Not an Exception, so that a kernel that catches those does not catch it."""


@contextmanager
def limit(seconds: float) -> Iterator[None]:
    """Raises Overdue in the body after so long. Only in the main thread, which alone gets signals; in others it does nothing.

    An alarm that is set already, as pytest-timeout's, goes off where it would have.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(*_: Any) -> None:
        raise Overdue

    start = time.monotonic()
    left, interval = signal.getitimer(signal.ITIMER_REAL)
    if 0 < left <= seconds:
        yield
        return
    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        if left > 0:
            signal.setitimer(signal.ITIMER_REAL, max(1e-3, left - (time.monotonic() - start)), interval)
