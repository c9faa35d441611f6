"""Gates with more tokens than q are accepted, and the rest of them is ignored.

library: mlx 0.32.4
function: mlx.core.fast.gated_delta_update
kind: limit
known: not found in November 2026
recipe: none: gdr draws no such shape
worker: mlx-fast

gamma [B,2T,Hv] is read up to T, on the CPU; one with fewer tokens than q is an error of `squeeze` that names no argument. A state of batch 1 and
keys of batch 1 are broadcast without a word.

Expected: the shapes of all inputs checked, with an error that names the argument.
"""

import sys

import mlx.core as mx

mx.set_default_device(mx.cpu)
q, v, beta = mx.ones((1, 2, 1, 4)), mx.ones((1, 2, 1, 4)), mx.ones((1, 2, 1))
print("expected an error: 2 tokens, gamma of 4")
try:
    y, _ = mx.fast.gated_delta_update(q, q, v, mx.ones((1, 4, 1)), beta)
    mx.eval(y)
except ValueError as error:
    print(f"actual   ValueError: {error}")
    sys.exit(0)
print(f"actual   y {y.shape}")
sys.exit(1)
