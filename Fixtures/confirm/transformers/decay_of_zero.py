"""g = -inf, a decay of zero, makes the chunked form NaN; the recurrent form takes it.

library: transformers 5.23.0
function: transformers.models.qwen3_next.modeling_qwen3_next.torch_chunk_gated_delta_rule
kind: limit
known: not found in November 2026
recipe: v1/B1-T4-Hk1-Hv1-Dk2-Dv2/keys=random/decay=-inf/write=0.5/f32/seed=0
worker: hf-chunk-all

The running sum of g is -inf from that token on, and differences of it are -inf minus -inf. exp(-inf) = 0 is a decay that forgets everything, which
`torch_recurrent_gated_delta_rule` computes; the docstring says only that entries must be <= 0.

Expected: the same as the recurrent form, or an error.
"""

import inspect
import sys

import torch
from transformers.models.qwen3_next import modeling_qwen3_next as model

x, g, beta = torch.ones(1, 2, 1, 1), torch.full((1, 2, 1), -torch.inf), torch.full((1, 2, 1), 0.5)
recurrent, chunk = (inspect.unwrap(f)(x, x, x, g=g, beta=beta)[0].flatten().tolist()
                    for f in (model.torch_recurrent_gated_delta_rule, model.torch_chunk_gated_delta_rule))  # fmt: skip
print(f"expected {recurrent}")
print(f"actual   {chunk}")
sys.exit(chunk != recurrent)
