"""The final state is rounded to the compute type, bf16 by default, although it is kept in float32 up to there.

library: maxtext 0.2.5
function: maxtext.models.qwen3.jax_chunk_gated_delta_rule
kind: bug
known: not found in November 2026
recipe: none: the worker computes in float32, where it is exact
worker: maxtext
python: python3.12

"return o, (final_h.astype(compute_dtype) if initial_state is not None else None)": the scan carries float32, and jax_ar_gated_delta_rule, which
decodes from the result, returns float32. A prefill in several parts is therefore not one prefill, and decoding starts from a state with 8 bits.
Without an initial state there is no final state at all, which the docstring does not say.

Expected: `final_h` as it is.
"""

import sys

import jax.numpy as jnp
from maxtext.models.qwen3 import jax_chunk_gated_delta_rule

nothing, gate = jnp.zeros((1, 1, 1, 1)), jnp.zeros((1, 1, 1))
state = jnp.full((1, 1, 1, 1), 1.001)
_, last = jax_chunk_gated_delta_rule(nothing, nothing, nothing, gate, gate, initial_state=state)
print("expected the state 1.001 to stay as it is: nothing is written and nothing decays")
print(f"actual   {float(last[0, 0, 0, 0])} in {last.dtype}")
sys.exit(not abs(float(last[0, 0, 0, 0]) - 1.001) < 1e-6)
