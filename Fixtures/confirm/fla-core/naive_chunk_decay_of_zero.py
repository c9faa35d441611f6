"""g = -inf, a decay of zero, makes the naive chunked form NaN; the recurrent form takes it.

library: fla-core 0.6.0
function: fla.ops.gated_delta_rule.naive.naive_chunk_gated_delta_rule
kind: limit
known: not found in November 2026
recipe: v1/B1-T4-Hk1-Hv1-Dk2-Dv2/keys=random/decay=-inf/write=0.5/f32/seed=0
worker: fla-gdr-chunk-all

The running sum of g is -inf from that token on, and differences of it are -inf minus -inf.

Expected: the same as the recurrent form, or a sentence on what g may be.
"""

import importlib.util
import sys
from pathlib import Path

import torch

folder = Path(importlib.util.find_spec("fla").submodule_search_locations[0])
spec = importlib.util.spec_from_file_location("naive", folder / "ops/gated_delta_rule/naive.py")
naive = importlib.util.module_from_spec(spec)
spec.loader.exec_module(naive)

x, g, beta = torch.ones(1, 2, 1, 1), torch.full((1, 2, 1), -torch.inf), torch.full((1, 2, 1), 0.5)
recurrent = naive.naive_recurrent_gated_delta_rule(x, x, x, beta=beta, g=g)[0].flatten().tolist()
chunk = naive.naive_chunk_gated_delta_rule(x, x, x, g=g, beta=beta)[0].flatten().tolist()
print(f"expected {recurrent}")
print(f"actual   {chunk}")
sys.exit(chunk != recurrent)
