"""mx.compile(shapeless=True) cannot compile it.

library: mlx 0.32.4
function: mlx.core.fast.gated_delta_update
kind: limit
known: not found in November 2026
recipe: none: the worker does not compile
worker: mlx-fast

A function that a prefill of any length is compiled for once ends in "Slice cannot infer output shapes", on the CPU; the sequential fallback is
unrolled over the tokens that it was traced with.

Expected: a primitive that infers its shapes, or an error that says so.
"""

import sys

import mlx.core as mx

mx.set_default_device(mx.cpu)
q, g = mx.ones((1, 2, 1, 4)), mx.ones((1, 2, 1))
print("expected y of the input's length")
try:
    y, _ = mx.compile(lambda *inputs: mx.fast.gated_delta_update(*inputs), shapeless=True)(q, q, q, g, g)
    mx.eval(y)
except ValueError as error:
    print(f"actual   ValueError: {error}")
    sys.exit(1)
print(f"actual   y {y.shape}")
