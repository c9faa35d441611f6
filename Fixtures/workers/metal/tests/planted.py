"""A small kernel in Metal's language, and faults planted in it."""

from __future__ import annotations

import numpy as np

from ..launch import Argument, launch
from ..modes import Modes
from ..translation import translated

THREADS, ROWS = 128, 3
# y[row] = sum of x[row], over four simdgroups through memory of the threadgroup; z[row, i] = x[row, i] + x[row, i ^ 1] by a shuffle.
ROW_SUMS = """
void row_sums(const device float* x, device float* y, device float* z, uint3 position, uint3 place, uint lane, uint simdgroup) {
  threadgroup float partial[4];
  uint i = position.y * 128 + place.x;
  float total = simd_sum(x[i]);
  z[i] = x[i] + simd_shuffle_xor(x[i], 1);
  if (lane == 0) partial[simdgroup] = total;
  threadgroup_barrier(mem_flags::mem_threadgroup);
  if (place.x == 0) y[position.y] = partial[0] + partial[1] + partial[2] + partial[3];
}
"""
CALL = (
    "MSL_KERNEL(row_sums(msl::buffer<float>(0), msl::buffer<float>(1), msl::buffer<float>(2), "
    "msl::position_in_grid(), msl::position_in_threadgroup(), msl::lane(), msl::simdgroup()))"
)
X = np.random.default_rng(0).standard_normal((ROWS, THREADS)).astype(np.float32)


def source(*faults: tuple[str, str]) -> str:
    """The kernel's C++, each fault a text in it and what stands there instead."""
    text = ROW_SUMS
    for right, wrong in faults:
        assert right in text, right
        text = text.replace(right, wrong)
    return translated(text) + CALL


def row_sums(modes: str = "", *faults: tuple[str, str]) -> tuple[np.ndarray, np.ndarray]:
    """(y, z)"""
    arguments = [Argument("x", X), Argument("y", shape=(ROWS,)), Argument("z", shape=(ROWS, THREADS))]
    results = launch(source(*faults), arguments, (THREADS, ROWS, 1), (THREADS, 1, 1), Modes.parse(modes))
    return results["y"], results["z"]
