"""What a function does to memory that is not its own: inputs that it writes into, answers of before that it writes over."""

from __future__ import annotations

from collections import deque
from typing import Any, Callable, Mapping

from gdr.errors import Error
from gdr.kernels.parameters import NAMES, STATES, named

Bits = Callable[[Any], "bytes | None"]
"""Of an array, and None of what is none."""

OUTPUTS = "outputs"
"""In `writes`: a later call may use the memory of an answer again."""


class Watched:
    """Calls the function, and compares. `seen` holds a line for everything that the calls since `begin` did."""

    KEPT = 8
    """Answers that are looked at again after every call."""

    def __init__(self, function: Callable[..., Any], bits: Bits, writes: str):
        self.function, self.bits = function, bits
        self.writes = {word.strip() for word in writes.split(",") if word.strip()}
        if unknown := self.writes - {*NAMES, *STATES, OUTPUTS}:
            raise Error(f"writes names inputs, or {OUTPUTS}, not {', '.join(sorted(unknown))}")
        self.seen: list[str] = []
        self.answers: deque[list[tuple[str, Any, bytes]]] = deque(maxlen=self.KEPT)

    def begin(self) -> None:
        self.seen = []

    def __call__(self, **arguments: Any) -> Mapping[str, Any]:
        before = {name: self.bits(value) for name, value in arguments.items() if name not in self.writes}
        found = named(self.function(**arguments))
        self.note(f"changed its input {name}" for name, bits in before.items() if self.bits(arguments[name]) != bits)
        if OUTPUTS not in self.writes:
            self.compare(found)
        return found

    def compare(self, found: Mapping[str, Any]) -> None:
        """What earlier calls answered is to be as it was. Only the array is held, not what autograd keeps with it."""
        self.note(f"wrote over {name} of an earlier call" for answer in self.answers for name, held, bits in answer if self.bits(held) != bits)
        kept = [(name, getattr(value, "detach", lambda v=value: v)()) for name, value in found.items()]
        self.answers.append([(name, held, bits) for name, held in kept if (bits := self.bits(held)) is not None])

    def note(self, lines: Any) -> None:
        self.seen += [line for line in dict.fromkeys(lines) if line not in self.seen]
