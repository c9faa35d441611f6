"""compute_g takes the softplus in bf16: log g is up to 2 % off, where transformers and the bounded gate use float32.

library: mlx-lm 0.32.2
function: mlx_lm.models.gated_delta.compute_g
kind: bug
known: not found in November 2026
recipe: none: the worker passes dt_bias in float32, with which the sum is one
worker: mlx

`nn.softplus(a + dt_bias)` is in the type of a and dt_bias, bf16 in a model that is loaded as it was saved; only A_log is cast. transformers computes
`F.softplus(a.float() + self.dt_bias)`, and `compute_lower_bound_g` in the same file casts a. Where the softplus is small, exp of a sum that
was rounded to 8 bits is off by as much as the sum's rounding: 2 % of log g at a + dt_bias = -8.5, and as much of every exponent of a long context.

Expected: `a.astype(mx.float32)`, as in `compute_lower_bound_g`.
"""

import math
import sys

import mlx.core as mx
from mlx_lm.models.gated_delta import compute_g

a, dt_bias = mx.array([-8.3]).astype(mx.bfloat16), mx.array([-0.21]).astype(mx.bfloat16)
actual = math.log(compute_g(mx.array([8.0]), a, dt_bias).item())
expected = -math.exp(8.0) * math.log1p(math.exp(a.item() + dt_bias.item()))
print(f"expected log g {expected:.6f}")
print(f"actual   log g {actual:.6f}, {abs(actual / expected - 1):.1%} off")
sys.exit(not abs(actual / expected - 1) < 1e-4)
