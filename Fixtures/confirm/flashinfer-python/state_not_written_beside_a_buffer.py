"""On a pool in bf16 the state is not written where intermediate states are asked for, from 128 rows times heads up; below it is.

library: flashinfer-python 0.7.2
function: flashinfer.gdn_decode.gated_delta_rule_decode_pretranspose
kind: bug
known: not found in November 2026
recipe: v1/B1-T2-Hk16-Hv256-Dk128-Dv128/model/keys=equal/decay=none/write=1/contract=state=bf16/bf16/seed=0
worker: flashinfer-mtp-bf16
needs: gpu

"State is always updated in-place", says the documentation, and disable_state_update, which is off, is what skips it. With intermediate_states_buffer the fast
path (B * HV >= 128, T >= 2) skips it all the same; only the docstring of the inner function says so. An engine that grows from 127 to 128 rows and heads
decodes on with the state from before the call.

Expected: written in both, or in neither and said.
"""

import sys

import torch
from flashinfer.gdn_decode import gated_delta_rule_decode_pretranspose

torch.manual_seed(0)
stale = {}
for heads in (64, 128):
    for cached in (False, True):
        q, k, v = (torch.randn(1, 2, heads, 128, device="cuda", dtype=torch.bfloat16) for _ in range(3))
        a = torch.zeros(1, 2, heads, device="cuda", dtype=torch.bfloat16)
        pool = torch.randn(2, heads, 128, 128, device="cuda").to(torch.bfloat16)
        before = pool.clone()
        buffer = torch.zeros(1, 2, heads, 128, 128, device="cuda", dtype=torch.bfloat16) if cached else None
        gates = torch.zeros(heads, device="cuda"), a, torch.zeros(heads, device="cuda"), a
        gated_delta_rule_decode_pretranspose(
            q, k, v, None, *gates, initial_state=pool, initial_state_indices=torch.tensor([1], dtype=torch.int32, device="cuda"),
            intermediate_states_buffer=buffer, disable_state_update=False,
        )  # fmt: skip
        stale[heads, cached] = torch.equal(pool, before)
        print(f"{heads} heads, {'with' if cached else 'without'} a buffer: expected a new state; actual {'the old one' if stale[heads, cached] else 'a new one'}")
sys.exit(any(stale.values()))
