"""Prefill adds 1e-10 to g: a token that forgets all leaves 1e-10 of the state.

library: flashinfer-python 0.7.2
function: flashinfer.gdn_prefill.chunk_gated_delta_rule
kind: limit
known: not found in November 2026
recipe: v1/B1-T1-Hk1-Hv2-Dk128-Dv128/keys=equal/decay=-30/write=0/state=random/bf16/seed=0
worker: flashinfer, flashinfer-gather, flashinfer-bf16
needs: gpu

The kernel takes log2(g + 1e-10), which keeps g = 0 from minus infinity and raises every small g: 1e-13 becomes 1e-10. Decode, which makes g itself, has no such
floor, so that a prompt that was prefilled and one that was decoded end in other states.

Expected: said, or a floor that is one: log2(max(g, 1e-38)).
"""

import sys

import torch
from flashinfer.gdn_prefill import chunk_gated_delta_rule

q, k, v = (torch.zeros(1, 1, 128, device="cuda", dtype=torch.bfloat16) for _ in range(3))
worst = 0
for use_cp in (False, True):
    for g in (0.0, 1e-13):
        state = torch.ones(1, 1, 128, 128, device="cuda")
        gate, beta = torch.full((1, 1), g, device="cuda"), torch.zeros(1, 1, device="cuda")
        ends = torch.tensor([0, 1], dtype=torch.int64, device="cuda")
        _, last = chunk_gated_delta_rule(q, k, v, gate, beta, 1.0, initial_state=state, output_final_state=True, cu_seqlens=ends, use_cp=use_cp)
        actual = last.max().item()
        print(f"g = {g:g}, use_cp={use_cp}: expected a state of {g:g}; actual {actual:.4g}")
        worst = max(worst, abs(actual - g))
sys.exit(not worst < 1e-11)
