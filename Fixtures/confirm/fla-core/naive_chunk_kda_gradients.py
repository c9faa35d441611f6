"""The gradients of the naive chunked KDA are NaN where log g sums below -88 in a chunk; the outputs are right.

library: fla-core 0.6.0
function: fla.ops.kda.naive.naive_chunk_kda
kind: bug
known: not found in November 2026
recipe: v1/B1-T64-Hk1-Hv1-Dk1-Dv1/channels/keys=equal/decay=-5/write=0/f32/seed=0
worker: fla-kda-chunk

(g - g_i).exp() is taken for all pairs and masked afterwards: above the diagonal it overflows to inf, which masked_fill hides in the outputs; its
gradient is 0 times inf. log g = -1.5 at every token is enough for a chunk of 64. naive_chunk_gated_delta_rule masks before it takes exp.

Expected: masked_fill(-inf) before exp.
"""

import importlib.util
import sys
from pathlib import Path

import torch

# By its path: the package itself imports Triton.
folder = Path(importlib.util.find_spec("fla").submodule_search_locations[0])
spec = importlib.util.spec_from_file_location("naive", folder / "ops/kda/naive.py")
naive = importlib.util.module_from_spec(spec)
spec.loader.exec_module(naive)

q, k, v = (torch.ones(1, 64, 1, 1, requires_grad=True) for _ in range(3))
g, beta = torch.full((1, 64, 1, 1), -5.0), torch.full((1, 64, 1), 0.5)
o, _ = naive.naive_chunk_kda(q, k, v, g, beta)
o.sum().backward()
wrong = int((~torch.isfinite(q.grad)).sum())
print(f"expected finite gradients of q, as the outputs are ({'finite' if o.isfinite().all() else 'not finite'})")
print(f"actual   {wrong} of 64 are NaN")
sys.exit(wrong > 0)
