"""The docstring gives the state a shape that the function refuses.

library: mlx 0.32.4
function: mlx.core.fast.gated_delta_update
kind: bug
known: not found in November 2026
recipe: none: it is in the documentation
worker: mlx-fast

"initial_state: Optional initial hidden state [B, T, Hk, Dv]" and "final_state [B, T, Hk, Dv]": it is [B, Hv, Dv, Dk] in both directions. Of mask
nothing is said but "Optional": it is [B, T], and y where it is false is what the skipped step would have given.

Expected: the shapes that the function takes.
"""

import sys

import mlx.core as mx

mx.set_default_device(mx.cpu)
B, T, Hk, Hv, Dk, Dv = 2, 3, 1, 2, 4, 5
q, v, g = mx.ones((B, T, Hk, Dk)), mx.ones((B, T, Hv, Dv)), mx.ones((B, T, Hv))
documented = "[B, T, Hk, Dv]" in mx.fast.gated_delta_update.__doc__
print("expected the documented shape of initial_state, [B, T, Hk, Dv], to be taken")
try:
    mx.eval(mx.fast.gated_delta_update(q, q, v, g, g, mx.zeros((B, T, Hk, Dv))))
    print("actual   it is")
    sys.exit(0)
except ValueError as error:
    state = mx.fast.gated_delta_update(q, q, v, g, g)[1]
    print(f"actual   ValueError: {error}; the final state is {state.shape}, [B, Hv, Dv, Dk]")
sys.exit(documented)
