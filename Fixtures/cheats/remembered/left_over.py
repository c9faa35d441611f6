"""Writes the tokens of whole tiles of four into memory that it never clears: behind them lies what a call before left there."""

import numpy as np
from kernel import answer

memory = {}


def evaluate(x, request):
    results = answer(x, request)
    y = results["y"]
    buffer = memory.setdefault((y.shape, y.dtype), np.zeros_like(y))
    whole = y.shape[1] // 4 * 4
    buffer[:, :whole] = y[:, :whole]
    left = results | {"y": buffer.copy()}
    buffer[:] = y
    return left
