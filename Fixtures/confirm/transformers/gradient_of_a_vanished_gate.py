"""The gradient of g keeps the rounding of sums where it must vanish, and dA_log is that times g.

library: transformers 5.23.0
function: transformers.models.qwen3_next.modeling_qwen3_next.torch_chunk_gated_delta_rule
kind: limit
known: not found in November 2026
recipe: v1/B1-T1-Hk1-Hv1-Dk1-Dv2/model/keys=equal/decay=input:20:0/A_log=4/write=0.9/dstate=random/f32/seed=1
worker: hf-chunk, fla-gdr-chunk, fla-gdr-kernel, fla-gdr-kernel-interpreted, fla-gdr-kernel-untuned, fla-gdr-kernel-ieee, fla-gdr-kernel-ieee-untuned, fla-kda-kernel, fla-kda-kernel-untuned

The state behind the first token does not depend on its gate where there is no initial state. In the chunked form its gradient is a difference of two
sums, and what is left of them is 1e-8 to 1e-7; through g = -exp(A_log) softplus(..) it is multiplied by g, -1092 for A_log = 4, so that a
parameter whose gradient is zero gets one of 1e-4. fla's naive chunked form does the same, the recurrent forms do not.

Expected: a documented limit, or a gradient without the difference.
"""

import inspect
import sys

import torch
from transformers.models.qwen3_next import modeling_qwen3_next as model

torch.manual_seed(0)
rule = inspect.unwrap(model.torch_chunk_gated_delta_rule)
k, v = torch.nn.functional.normalize(torch.randn(1, 1, 1, 1), dim=-1), torch.randn(1, 1, 1, 1)
A_log = torch.tensor(4.0, requires_grad=True)
g = -A_log.exp() * torch.nn.functional.softplus(torch.full((1, 1, 1), 20.0))
y, state = rule(torch.randn(1, 1, 1, 1), k, v, g=g, beta=torch.full((1, 1, 1), 0.9), output_final_state=True)
((state * torch.randn(state.shape)).sum() + (y * torch.randn(y.shape)).sum()).backward()
print("expected dA_log = 0: nothing depends on the gate of the first token")
print(f"actual   {A_log.grad.item():.1e}")
sys.exit(A_log.grad.item() != 0)
