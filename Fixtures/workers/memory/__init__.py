"""The memory contract of a kernel, watched from outside: memory.py and memory.h; mutants.py has bugs that it shows."""

from .memory import watch

__all__ = ["watch"]
