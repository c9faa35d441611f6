"""With more key heads than value heads the result is empty arrays, not an error.

library: mlx 0.32.4
function: mlx.core.fast.gated_delta_update
kind: bug
known: not found in November 2026
recipe: none: gdr draws no such shape
worker: mlx-fast

Hv // Hk is 0, values are repeated so many times, and y comes back as [B,T,0,Dv] with a state of [B,0,Dv,Dk], on the CPU.

Expected: an error that names the shapes, as for heads that do not divide.
"""

import sys

import mlx.core as mx

mx.set_default_device(mx.cpu)
q, v, g = mx.ones((1, 2, 2, 4)), mx.ones((1, 2, 1, 4)), mx.ones((1, 2, 1))
print("expected an error: 2 key heads, 1 value head")
try:
    y, state = mx.fast.gated_delta_update(q, q, v, g, g)
except ValueError as error:
    print(f"actual   ValueError: {error}")
    sys.exit(0)
print(f"actual   y {y.shape}, state {state.shape}")
sys.exit(1)
