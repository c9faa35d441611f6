"""Decode fails where there is one row and one head.

library: flashinfer-python 0.7.2
function: flashinfer.gdn_decode.gated_delta_rule_decode_pretranspose, gated_delta_rule_decode
kind: bug
known: not found in November 2026
recipe: v1/B1-T63-Hk1-Hv1-Dk128-Dv128/model/keys=cone:77.42/decay=-0.0148/A_log=heads/dt_bias=1/write=logit:15.22/state=random/contract=state=bf16/calls=prefill:7.4@x.0,fork@0,decode:3,prefill:17,decode:2@0.1/pool=3/f16/seed=64646
worker: flashinfer-bf16
needs: gpu

a and b are [1,1,1] then, and the kernel's arguments are described with a leading dimension that is deduced from strides: of three dimensions of size 1 none
can be told from the others.

Expected: a leading dimension that is given.
"""

import sys

import torch
from flashinfer.gdn_decode import gated_delta_rule_decode, gated_delta_rule_decode_pretranspose

q, k, v = (torch.randn(1, 1, 1, 128, device="cuda", dtype=torch.bfloat16) for _ in range(3))
a = torch.zeros(1, 1, 1, device="cuda", dtype=torch.bfloat16)
gates = torch.zeros(1, device="cuda"), a, torch.zeros(1, device="cuda"), a
failed = 0
for function, held in (
    (gated_delta_rule_decode_pretranspose, torch.bfloat16), (gated_delta_rule_decode_pretranspose, torch.float32),
    (gated_delta_rule_decode, torch.float32),
):  # fmt: skip
    print(f"{function.__name__}, states in {held}: expected an output of shape [1, 1, 1, 128]")
    try:
        y, _ = function(q, k, v, torch.zeros(1, 1, 128, 128, device="cuda", dtype=held), *gates)
        print(f"actual   {list(y.shape)}")
    except RuntimeError as error:
        failed += 1
        print(f"actual   {str(error).strip().splitlines()[0]}")
sys.exit(failed > 0)
