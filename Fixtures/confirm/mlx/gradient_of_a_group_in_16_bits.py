"""The gradients of q and k are rounded to 16 bits for each value head before they are added up.

library: mlx 0.32.4
function: mlx.core.fast.gated_delta_update
kind: limit
known: not found in November 2026
recipe: v1/B1-T1-Hk1-Hv3-Dk1-Dv1/keys=equal/decay=none/write=1/f16/seed=80843
worker: mlx-fast

q and k are repeated for the value heads of their group; the reverse of that adds up what came back in the type of q. With Hv / Hk = 8, as models have,
what heads agree on is kept and what they differ in is lost: where two of them cancel nothing is left. mlx-lm's `gated_delta_ops` is the same.

Expected: the sum over a group in float32, rounded once.
"""

import sys

import mlx.core as mx

mx.set_default_device(mx.cpu)
zero, gate = mx.zeros((1, 1, 1, 1), mx.float16), mx.ones((1, 1, 2))
state = mx.array([1.0004, -1.0]).reshape(1, 2, 1, 1)
values = mx.zeros((1, 1, 2, 1), mx.float16)


def loss(q):
    return mx.fast.gated_delta_update(q, zero, values, gate, gate, state)[0].astype(mx.float32).sum()


actual = mx.grad(loss)(zero).item()
print("expected dq = 1.0004 - 1 = 4.0e-04 (float16 has steps of 2.4e-7 there)")
print(f"actual   {actual:.1e}")
sys.exit(not abs(actual - 4e-4) < 1e-6)
