"""Dk^-1/2 is rounded to bf16: every output is 0.13 % too large at Dk = 192.

library: maxtext 0.2.5
function: maxtext.models.qwen3.jax_chunk_gated_delta_rule
kind: limit
known: not found in November 2026
recipe: none: the worker computes in float32
worker: maxtext
python: python3.12

The scale is a constant with an error of one sign, so that it does not average out over tokens and layers as roundings do: 192^-0.5 = 0.07217 becomes
0.07227. At Dk = 128 it is 0.01 % too small, at powers of 4 exact. jax_ar_gated_delta_rule does the same.

Expected: query scaled in float32, then rounded.
"""

import sys

import jax.numpy as jnp
from maxtext.models.qwen3 import jax_chunk_gated_delta_rule

Dk = 192
one = jnp.zeros((1, 1, 1, Dk)).at[..., 0].set(1)
o, _ = jax_chunk_gated_delta_rule(one, one, jnp.ones((1, 1, 1, 1)), jnp.zeros((1, 1, 1)), jnp.ones((1, 1, 1)))
expected, actual = Dk**-0.5, float(o[0, 0, 0, 0])
print(f"expected y = {Dk}^-0.5 = {expected:.6f}")
print(f"actual   {actual:.6f}, {actual / expected - 1:+.2%}")
sys.exit(not abs(actual / expected - 1) < 2e-4)
