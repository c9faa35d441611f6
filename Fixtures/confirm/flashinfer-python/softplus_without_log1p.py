"""The decode kernels compute softplus as log(1 + exp(x)): a head whose x is -17 never forgets.

library: flashinfer-python 0.7.2
function: flashinfer.gdn_decode.gated_delta_rule_decode_pretranspose, gated_delta_rule_decode, gated_delta_rule_mtp
kind: bug
known: not found in November 2026
recipe: v1/B1-T1-Hk1-Hv2-Dk128-Dv128/model/keys=equal/decay=-1e-5/A_log=heads/write=0/state=random/bf16/seed=3
worker: flashinfer-decode, flashinfer-decode-k-major, flashinfer-mtp
needs: gpu

1 + exp(x) has no digits left where x is -17 or less, and few above: log g is 17 % off at -15. In one token that is 1e-7 of the state; over the 100,000 of a long
answer a head that should have forgotten a tenth has forgotten nothing. A_log of 12 shows it in one token here.

Expected: log1p, or x + log(1 + exp(-x)) for one sign and exp(x) where exp(x) is small.
"""

import sys

import torch
from flashinfer.gdn_decode import gated_delta_rule_decode, gated_delta_rule_decode_pretranspose

worst = 0
for x in (-15.0, -18.0):
    q, k, v = (torch.zeros(1, 1, 2, 128, device="cuda", dtype=torch.bfloat16) for _ in range(3))
    a = torch.full((1, 1, 2), x, device="cuda", dtype=torch.bfloat16)
    gates = torch.full((2,), 12.0, device="cuda"), a, torch.zeros(2, device="cuda"), torch.zeros_like(a)
    expected = torch.exp(-torch.exp(gates[0].double()) * torch.nn.functional.softplus(a.double())).max().item()
    for function in (gated_delta_rule_decode_pretranspose, gated_delta_rule_decode):
        state = torch.ones(1, 2, 128, 128, device="cuda")
        function(q, k, v, state, *gates, use_qk_l2norm=False)
        actual = state.max().item()
        print(f"{function.__name__}, x = {x:g}: expected a decay of {expected:.6f}; actual {actual:.6f}")
        worst = max(worst, abs(actual - expected))
sys.exit(not worst < 1e-4)
