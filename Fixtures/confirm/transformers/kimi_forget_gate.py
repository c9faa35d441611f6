"""The forget gate of Kimi Linear computes softplus as log(1 + exp(x)): it is 0 from -17 down.

library: transformers 5.23.0
function: transformers.models.kimi_linear.modeling_kimi_linear.KimiLinearForgetGate
kind: bug
known: not found in November 2026
recipe: v1/B1-T1-Hk1-Hv1-Dk1-Dv1/model/channels/keys=equal/decay=-1e-6/write=0/state=random/f32/seed=0
worker: hf-kimi, hf-kimi-chunk

In float32 1 + exp(x) rounds: at x = -15 softplus is 17 % off, from -17 down it is 0, and such a channel never forgets. `F.softplus` is right to the
last digit. Glm5NextTextForgetGate is a copy of it.

Expected: `torch.nn.functional.softplus(g)`.
"""

import sys
from types import SimpleNamespace

import torch
from transformers.models.kimi_linear.modeling_kimi_linear import KimiLinearForgetGate

parts = SimpleNamespace(f_a_proj=lambda x: x, f_b_proj=lambda x: x, head_dim=1, dt_bias=torch.zeros(1), A_log=torch.zeros(1, 1, 1, 1))
x = torch.tensor([-15.0, -17.0]).view(1, 2, 1)
actual = KimiLinearForgetGate.forward(parts, x).flatten()
expected = -torch.nn.functional.softplus(x).flatten()
print(f"expected log g {expected.tolist()} at x = -15, -17")
print(f"actual   log g {actual.tolist()}")
sys.exit(not torch.allclose(actual, expected, rtol=1e-5, atol=0))
