"""A float32 gate is rounded to the format of q: at bf16 the state is 29 % off after 512 tokens.

library: mlx 0.32.4
function: mlx.core.fast.gated_delta_update
kind: bug
known: not found in November 2026 (elsewhere the same was mended: sgl-project/sglang#40362, ollama/ollama#15865)
recipe: v1/B1-T1-Hk1-Hv1-Dk1-Dv1/keys=equal/decay=none/write=0/state=random/bf16/seed=0
worker: mlx-fast

gamma is accepted in float32, then cast to the type of q. Gates of a language model are near 1, where bf16 has steps of 0.0039: gamma = 0.999 becomes
1 and nothing is forgotten. beta is cast too. mlx-lm's `gated_delta_ops` on the same arrays keeps gamma in float32.

Expected: gamma and beta used in the type that they come in, or refused.
"""

import sys

import mlx.core as mx

T = 512
q, v, beta = mx.zeros((1, T, 1, 1), mx.bfloat16), mx.zeros((1, T, 1, 1), mx.bfloat16), mx.zeros((1, T, 1))
gamma = mx.full((1, T, 1), 0.9995)
_, state = mx.fast.gated_delta_update(q, q, v, gamma, beta, mx.ones((1, 1, 1, 1)))
expected, actual = 0.9995**T, state.item()
print(f"expected a state of 0.9995^{T} = {expected:.4f}")
print(f"actual   {actual:.4f}")
sys.exit(not abs(actual - expected) < 1e-3)
