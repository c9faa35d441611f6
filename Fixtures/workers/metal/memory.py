"""Buffers of a launch. What nobody has written is all ones, a NaN in every format; the bytes around a buffer too."""

from __future__ import annotations

import ctypes
import mmap

import numpy as np

POISON = 0xFF
# Pages on either side: what is off by a row or by a head of a large tensor still falls into them.
MARGIN = 1 << 20
NOBODY = 0  # PROT_NONE

libc = ctypes.CDLL(None, use_errno=True)
libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]


class Buffer:
    """A copy of an array, or room for one. Guarded, it ends where pages begin that nobody may touch."""

    def __init__(self, name: str, array: np.ndarray | None = None, nbytes: int = 0, fill: int = POISON, guarded: bool = False, kept: bool = True):
        self.name, self.given = name, None if array is None else np.ascontiguousarray(array).tobytes()
        self.nbytes = nbytes if self.given is None else len(self.given)
        self.guarded, self.kept = guarded, kept
        self.margin = MARGIN if guarded else 0
        self.pages = -(-max(self.nbytes, 1) // mmap.PAGESIZE) * mmap.PAGESIZE
        self.map = mmap.mmap(-1, self.pages + 2 * self.margin)
        whole = np.frombuffer(self.map, np.uint8)
        self.begin = whole.ctypes.data
        self.end = self.begin + len(whole)
        room = whole[self.margin : self.margin + self.pages]
        room[:] = POISON
        # Sizes are multiples of their element, so that elements stay aligned.
        before = self.pages - self.nbytes if guarded else 0
        self.slack, self.bytes = room[:before], room[before : before + self.nbytes]
        self.address = self.begin + self.margin + before
        self.bytes[:] = fill if self.given is None else np.frombuffer(self.given, np.uint8)
        if guarded:
            for outside in self.begin, self.begin + self.margin + self.pages:
                libc.mprotect(outside, self.margin, NOBODY)

    def where(self, address: int) -> str:
        """Of an address outside."""
        if address >= self.address + self.nbytes:
            return f"{address - self.address - self.nbytes} bytes past the end of {self.name}"
        return f"{self.address - address} bytes before {self.name}"

    def fault(self) -> str | None:
        """What a launch has done to it that it may not, where guarded."""
        if not self.guarded:
            return None
        if (self.slack != POISON).any():
            return f"writes before {self.name}"
        if self.kept and self.given is not None and self.bytes.tobytes() != self.given:
            return f"writes into its input {self.name}"
        return None

    def unwritten(self, shape: tuple[int, ...], size: int) -> str | None:
        """Which elements of an output are still what they were before the launch."""
        missing = (self.bytes.reshape(-1, size) == POISON).all(1).reshape(shape)
        if not missing.any():
            return None
        first = ",".join(map(str, np.argwhere(missing)[0]))
        return f"leaves {missing.sum()} of {missing.size} elements of {self.name} unwritten, the first at [{first}]"
