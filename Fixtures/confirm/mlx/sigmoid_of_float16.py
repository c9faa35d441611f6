"""mx.sigmoid of a float16 is 0 from -11.1 down on the CPU, where float16 has 1e-5 and less.

library: mlx 0.32.4
function: mlx.core.sigmoid
kind: limit
known: not found in November 2026
recipe: v1/B1-T1-Hk1-Hv1-Dk1-Dv1/model/keys=equal/v=scaled:100/decay=none/write=1e-7/f16/seed=0
worker: mlx

1 / (1 + exp(-x)) overflows float16 in exp. A beta of 1e-5 is 0 in mlx-lm's `gated_delta_update` in float16, and its gradient with it.

Expected: exp(-|x|) in the formula, or float32 inside.
"""

import sys

import mlx.core as mx

mx.set_default_device(mx.cpu)
actual = mx.sigmoid(mx.array([-11.5]).astype(mx.float16)).item()
print("expected 1.01e-05 (float16)")
print(f"actual   {actual}")
sys.exit(not abs(actual / 1.013e-5 - 1) < 0.02)
