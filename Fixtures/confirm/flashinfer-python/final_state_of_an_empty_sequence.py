"""Prefill never writes the final state of a sequence without tokens.

library: flashinfer-python 0.7.2
function: flashinfer.gdn_prefill.chunk_gated_delta_rule
kind: bug
known: not found for Hopper in November 2026; flashinfer pull requests 3536 and 4133 are about empty sequences of the kernel for SM100
recipe: v1/B2-T1-Hk1-Hv2-Dk128-Dv128/keys=equal/decay=none/write=0/calls=prefill:0.1/bf16/seed=0
worker: flashinfer-gather
needs: gpu

"Repeated adjacent offsets represent legal zero-length sequences." Their rows of the final state stay as torch.empty gave them: neither the initial state nor zeros,
but what was in that memory, another sequence's state say. With and without context parallelism, with and without state_indices. Only where the output is the
initial state itself, in place, nothing has to be written.

Expected: the initial state, or zeros where there is none.
"""

import sys

import torch
from flashinfer.gdn_prefill import chunk_gated_delta_rule

torch.manual_seed(0)
ends = torch.tensor([0, 5, 5, 9], dtype=torch.int64, device="cuda")  # the second sequence has no token
q, k, v = (torch.randn(9, 2, 128, device="cuda").mul(0.1).bfloat16() for _ in range(3))
g, beta = (torch.full((9, 2), x, device="cuda") for x in (0.9, 0.5))
wrong = 0
for use_cp in (False, True):
    for initial in (None, torch.randn(3, 2, 128, 128, device="cuda")):
        output = torch.full((3, 2, 128, 128), float("nan"), device="cuda")  # in place of torch.empty, so that it is seen
        _, last = chunk_gated_delta_rule(
            q, k, v, g, beta, 1.0, initial_state=initial, output_final_state=True, output_state=output, cu_seqlens=ends, use_cp=use_cp
        )
        expected = torch.zeros_like(last[1]) if initial is None else initial[1]
        is_right = torch.equal(last[1], expected)
        said = "zeros" if initial is None else "its initial state"
        print(f"use_cp={use_cp}: expected {said}; actual {'that' if is_right else f'{int(torch.isnan(last[1]).sum())} NaN of {last[1].numel()}'}")
        wrong += not is_right
sys.exit(wrong > 0)
