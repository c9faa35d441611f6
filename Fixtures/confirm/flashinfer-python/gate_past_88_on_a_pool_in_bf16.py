"""Decode on a pool in bf16 is NaN where a + dt_bias passes 88.7, even if the decay is mild.

library: flashinfer-python 0.7.2
function: flashinfer.gdn_decode.gated_delta_rule_decode_pretranspose
kind: bug
known: named in the review of flashinfer pull request 3127, where nothing came of it
recipe: v1/B1-T1-Hk1-Hv2-Dk128-Dv128/model/keys=equal/decay=-100/write=0/contract=state=bf16/bf16/seed=0
worker: flashinfer-decode-bf16, flashinfer-mtp-bf16, flashinfer-bf16
needs: gpu

softplus is m log(1 + exp(x)) + (1 - m) x with m = 0 past the threshold of 20: exp(x) is infinite from 88.8 up, and 0 times infinity is NaN. With
A_log = -7 the decay there is 0.9, so that an ordinary state is lost, and NaN stays in the pool for the rest of the sequence. One token and several
(intermediate states or not) go the same way. On a pool in float32 the branch is taken, and the result is right.

Expected: the branch, as in the kernels for float32.
"""

import sys

import torch
from flashinfer.gdn_decode import gated_delta_rule_decode_pretranspose

torch.manual_seed(0)
found = 0
for tokens in (1, 2):
    for x in (88.0, 89.0):
        q, k, v = (torch.randn(2, tokens, 2, 128, device="cuda", dtype=torch.bfloat16) for _ in range(3))
        a = torch.full((2, tokens, 2), x, device="cuda", dtype=torch.bfloat16)
        pool = torch.randn(3, 2, 128, 128, device="cuda").to(torch.bfloat16)
        y, _ = gated_delta_rule_decode_pretranspose(
            q, k, v, None, torch.full((2,), -7.0, device="cuda"), a, torch.zeros(2, device="cuda"), torch.zeros_like(a),
            initial_state=pool, initial_state_indices=torch.tensor([1, 2], dtype=torch.int32, device="cuda"),
        )  # fmt: skip
        lost = int(torch.isnan(y).sum()), int(torch.isnan(pool).sum())
        print(f"a = {x}, {tokens} token(s): expected no NaN; actual {lost[0]} of {y.numel()} in y, {lost[1]} of {pool[1:].numel()} in the states")
        found += sum(lost)
sys.exit(found > 0)
