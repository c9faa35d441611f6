"""One strong gate makes the gates after it in its chunk of 64 inexact: the error is the rounding of a running sum.

library: transformers 5.23.0
function: transformers.models.qwen3_next.modeling_qwen3_next.torch_chunk_gated_delta_rule
kind: limit
known: not found in November 2026
recipe: v1/B1-T2-Hk1-Hv1-Dk1-Dv1/model/keys=equal/v=zero/decay=forget:0:-inf:-1/write=0.5/f32/seed=0
worker: hf-chunk

exp(g_2) is computed as exp((g_1 + g_2) - g_1). With g_1 = -1e4 the sum keeps g_2 to 1e-3 only, with -1e9 not at all: the next decay is then 1
instead of 0.37. Gates of that size come from a large A_log. The recurrent form is exact.

Expected: sums that start at the token they are used from, or a documented range of g.
"""

import inspect
import math
import sys

import torch
from transformers.models.qwen3_next import modeling_qwen3_next as model

x, beta = torch.ones(1, 2, 1, 1), torch.tensor([[[1.0], [0.0]]])
g = torch.tensor([[[-1e9], [-1.0]]])
_, state = inspect.unwrap(model.torch_chunk_gated_delta_rule)(x, x, x, g=g, beta=beta, output_final_state=True)
print(f"expected a final state of exp(-1) = {math.exp(-1):.4f}: 1 is written, then decays")
print(f"actual   {state.item():.4f}")
sys.exit(not abs(state.item() - math.exp(-1)) < 1e-6)
