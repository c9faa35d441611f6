"""The gradient of Kimi Linear's forget gate is NaN from x = 88.8 up.

library: transformers 5.23.0
function: transformers.models.kimi_linear.modeling_kimi_linear.KimiLinearForgetGate
kind: bug
known: not found in November 2026
recipe: v1/B1-T1-Hk1-Hv1-Dk1-Dv1/model/channels/keys=equal/decay=-100/write=0/f32/seed=0
worker: hf-kimi, hf-kimi-chunk

`torch.where(g > 20.0, g, torch.log(1.0 + torch.exp(g)))` differentiates the branch that it does not take: exp overflows, and 0 times inf is NaN. One
such activation makes every gradient of a training step NaN. Glm5NextTextForgetGate is a copy of it.

Expected: `torch.nn.functional.softplus(g)`.
"""

import sys
from types import SimpleNamespace

import torch
from transformers.models.kimi_linear.modeling_kimi_linear import KimiLinearForgetGate

parts = SimpleNamespace(f_a_proj=lambda x: x, f_b_proj=lambda x: x, head_dim=1, dt_bias=torch.zeros(1), A_log=torch.zeros(1, 1, 1, 1))
x = torch.tensor([88.0, 89.0]).view(1, 2, 1).requires_grad_()
KimiLinearForgetGate.forward(parts, x).sum().backward()
actual = x.grad.flatten().tolist()
print("expected gradients [-1, -1] at x = 88, 89")
print(f"actual   {actual}")
sys.exit(not all(abs(d + 1) < 1e-6 for d in actual))
