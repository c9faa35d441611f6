"""Given float64 the functions compute in float32 and answer in float64.

library: transformers 5.23.0
function: transformers.models.qwen3_next.modeling_qwen3_next.torch_recurrent_gated_delta_rule
kind: limit
known: not found in November 2026
recipe: none: the worker refuses to be asked for float64

All inputs go through `.to(torch.float32)`, which is meant for 16 bits; the output is cast back to the type of `query`. So a float64 output has the
error of float32, `torch.autograd.gradcheck` fails, and the state comes back as float32. The chunked form and Kimi's are the same.

Expected: what is wider than float32 is left as it is, or refused.
"""

import inspect
import sys

import torch
from transformers.models.qwen3_next import modeling_qwen3_next as model

rule = inspect.unwrap(model.torch_recurrent_gated_delta_rule)
one = torch.ones(1, 1, 1, 1, dtype=torch.float64)
y, state = rule(one, one, one / 3, g=-one[..., 0], beta=one[..., 0], output_final_state=True)
error = (y - 1 / 3).abs().item()
print("expected y = 1/3 to 1e-16 and a state in torch.float64")
print(f"actual   y off by {error:.1e} in {y.dtype}, the state in {state.dtype}")
sys.exit(error > 1e-15)
