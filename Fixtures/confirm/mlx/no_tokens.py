"""No tokens at all is an error of `stack` on the CPU.

library: mlx 0.32.4
function: mlx.core.fast.gated_delta_update
kind: limit
known: not found in November 2026
recipe: none: the worker refuses T = 0
worker: mlx-fast

A row of a batch without new tokens is usual in a serving engine. mlx-lm's `gated_delta_ops` ends in the same way. transformers, fla and onnxruntime's
com.microsoft LinearAttention return an empty y and the state as it was.

Expected: y [B,0,Hv,Dv], and the initial state.
"""

import sys

import mlx.core as mx

mx.set_default_device(mx.cpu)
q, g = mx.ones((1, 0, 1, 4)), mx.ones((1, 0, 1))
print("expected y [1, 0, 1, 4] and the initial state")
try:
    y, state = mx.fast.gated_delta_update(q, q, q, g, g, mx.ones((1, 1, 4, 4)))
except ValueError as error:
    print(f"actual   ValueError: {error}")
    sys.exit(1)
print(f"actual   y {y.shape}, state {state.shape}")
