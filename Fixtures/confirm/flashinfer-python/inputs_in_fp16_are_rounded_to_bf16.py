"""Decode takes fp16 and computes with its inputs rounded to bf16.

library: flashinfer-python 0.7.2
function: flashinfer.gdn_decode.gated_delta_rule_decode_pretranspose
kind: limit
known: on purpose since flashinfer pull request 4219 (issue 4214); the documentation does not say it
recipe: v1/B1-T1-Hk1-Hv2-Dk128-Dv128/model/keys=equal/decay=none/write=0/state=random/contract=qk=l2norm:1e-6,scale=rsqrt/f16/seed=0
worker: flashinfer-decode
needs: gpu

Said are q, k, v, a and b in "float16/bfloat16". The kernel is for bf16 and is given v.to(bfloat16) and the like: three bits of fp16 are lost, in a state that
is kept in float32 too. gated_delta_rule_decode, which takes the same inputs, keeps them.

Expected: fp16 as it is, or refused, or said.
"""

import sys

import torch
from flashinfer.gdn_decode import gated_delta_rule_decode, gated_delta_rule_decode_pretranspose

torch.manual_seed(0)
# One key of one 1, no decay to speak of, beta = 1/2: the state becomes v / 2.
k = torch.zeros(1, 1, 2, 128, device="cuda", dtype=torch.float16)
k[..., 0] = 1
v = (1 + torch.rand(1, 1, 2, 128, device="cuda")).to(torch.float16)
a = torch.zeros(1, 1, 2, device="cuda", dtype=torch.float16)
gates = torch.full((2,), -40.0, device="cuda"), a, torch.zeros(2, device="cuda"), a
by_v, by_k = (torch.zeros(1, 2, 128, 128, device="cuda") for _ in range(2))
gated_delta_rule_decode_pretranspose(k, k, v, by_v, *gates, scale=1.0, use_qk_l2norm=False)
gated_delta_rule_decode(k, k, v, by_k, *gates, scale=1.0, use_qk_l2norm=False)
expected = v[0, 0, 0].double() / 2
errors = [((state - expected).abs() / expected).max().item() for state in (by_v[0, 0, :, 0], by_k[0, 0, 0])]
print(f"expected a state of v / 2 to 1e-6 (gated_delta_rule_decode is {errors[1]:.1e} off)")
print(f"actual   {errors[0]:.1e} off; as of v in bf16: {((v[0, 0, 0].bfloat16() / 2 - expected).abs() / expected).max().item():.1e}")
sys.exit(errors[0] > 1e-4)
