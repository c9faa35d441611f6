"""One strong gate makes the gates after it in its chunk inexact: the error is the rounding of a running sum.

library: fla-core 0.6.0
function: fla.ops.gated_delta_rule.naive.naive_chunk_gated_delta_rule
kind: limit
known: not found in November 2026
recipe: v1/B1-T2-Hk1-Hv1-Dk1-Dv1/model/keys=equal/v=zero/decay=forget:0:-inf:-1/write=0.5/f32/seed=0
worker: fla-gdr-chunk, fla-gdr-kernel, fla-kda-kernel

exp(g_2) is computed as exp((g_1 + g_2) - g_1). With g_1 = -1e4 the sum keeps g_2 to 1e-3 only, with -1e9 not at all. chunk_gated_delta_rule and chunk_kda
do the same on a GPU. The recurrent forms are exact.

Expected: a documented range of g, or sums that start at the token they are used from.
"""

import importlib.util
import math
import sys
from pathlib import Path

import torch

folder = Path(importlib.util.find_spec("fla").submodule_search_locations[0])
spec = importlib.util.spec_from_file_location("naive", folder / "ops/gated_delta_rule/naive.py")
naive = importlib.util.module_from_spec(spec)
spec.loader.exec_module(naive)

x, g, beta = torch.ones(1, 2, 1, 1), torch.tensor([[[-1e9], [-1.0]]]), torch.tensor([[[1.0], [0.0]]])
_, state = naive.naive_chunk_gated_delta_rule(x, x, x, g=g, beta=beta, output_final_state=True)
print(f"expected a final state of exp(-1) = {math.exp(-1):.4f}: 1 is written, then decays")
print(f"actual   {state.item():.4f}")
sys.exit(not abs(state.item() - math.exp(-1)) < 1e-6)
