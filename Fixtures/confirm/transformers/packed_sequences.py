"""The PyTorch form takes cu_seqlens and ignores it: packed sequences read each other's state.

library: transformers 5.23.0
function: transformers.models.qwen3_next.modeling_qwen3_next.torch_chunk_gated_delta_rule
kind: bug
known: not found in November 2026
recipe: none: the worker does not pass cu_seqlens to a function that has no such argument
worker: hf-chunk

The layer passes `cu_seqlens` (from `cu_seq_lens_q`) to the function. fla's takes it; the PyTorch one swallows it in `**kwargs`, as it does
`scale`, without a word, and so does `causal_conv1d_fn` with its `seq_idx`. A batch that was packed for fla, as a collator without padding makes
it, trains on states that leak from one document into the next where fla is not there.

Expected: the rows of each sequence alone, or an error.
"""

import inspect
import sys

import torch
from transformers.models.qwen3_next import modeling_qwen3_next as model

rule = inspect.unwrap(model.torch_chunk_gated_delta_rule)
torch.manual_seed(0)
q, k, v = (torch.nn.functional.normalize(torch.randn(1, 10, 1, 8), dim=-1) for _ in range(3))
g, beta = -0.1 * torch.rand(1, 10, 1), torch.rand(1, 10, 1)
packed, _ = rule(q, k, v, g=g, beta=beta, cu_seqlens=torch.tensor([0, 4, 10]))
alone, _ = rule(q[:, 4:], k[:, 4:], v[:, 4:], g=g[:, 4:], beta=beta[:, 4:])
error = ((packed[:, 4:] - alone).abs().max() / alone.abs().max()).item()
print("expected the second of two packed sequences to be as it is alone, or an error")
print(f"actual   off by {error:.3f} of the largest")
sys.exit(not error < 1e-5)
