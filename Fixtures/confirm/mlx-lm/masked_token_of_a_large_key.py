"""The gradient of a masked token is NaN where its key is huge but finite.

library: mlx-lm 0.32.2
function: mlx_lm.models.gated_delta.gated_delta_ops
kind: limit
known: not found in November 2026
recipe: v1/B1-T1-Hk1-Hv1-Dk1-Dv1/keys=equal/decay=none/write=0/mask=left:1/pad=huge/f32/seed=0
worker: mlx-all

The step is computed for masked tokens too, and `mx.where(mask, state, old_state)` takes the old state. Its gradient multiplies the overflow of the
step that was not taken by zero. The outputs are right; padding that holds what happened to be in memory makes every gradient NaN.

Expected: inputs of masked tokens replaced before the step, or a sentence on what may stand there.
"""

import math
import sys

import mlx.core as mx
from mlx_lm.models.gated_delta import gated_delta_ops

mx.set_default_device(mx.cpu)
huge, one, gate, mask = mx.full((1, 1, 1, 1), 1e30), mx.ones((1, 1, 1, 1)), mx.ones((1, 1, 1)), mx.array([[False]])


def live(q):
    y, state = gated_delta_ops(q, huge, one, gate, gate, one, mask)
    return state.sum() + mx.where(mask[..., None, None], y, 0).sum()


gradient = mx.grad(live)(one).item()
print("expected a gradient of 0 for the query of a masked token")
print(f"actual   {gradient}")
sys.exit(not math.isfinite(gradient))
