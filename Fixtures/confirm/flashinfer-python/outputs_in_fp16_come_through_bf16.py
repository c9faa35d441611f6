"""Decode and mtp answer fp16 with numbers that were rounded to bf16.

library: flashinfer-python 0.7.2
function: flashinfer.gdn_decode.gated_delta_rule_decode, gated_delta_rule_mtp
kind: limit
known: not found in November 2026; the source says "kernel outputs bfloat16, we'll convert", the documentation does not
recipe: v1/B1-T1-Hk2-Hv2-Dk128-Dv128/model/keys=equal/decay=none/write=0/state=random/contract=qk=l2norm:1e-6,layout=kv/f16/seed=0
worker: flashinfer-decode-k-major
needs: gpu

The output is allocated in bf16 whatever q is, and cast afterwards: eight times the rounding that a result in fp16 has.

Expected: an output written in the format of q.
"""

import sys

import torch
from flashinfer.gdn_decode import gated_delta_rule_decode, gated_delta_rule_mtp

torch.manual_seed(0)
# A query of one 1 reads a column of the state, which nothing is written to: y is that column.
q = torch.zeros(1, 2, 2, 128, device="cuda", dtype=torch.float16)
q[..., 0] = 1
zero = torch.zeros_like(q)
state = 1 + torch.rand(1, 2, 128, 128, device="cuda")
a = torch.zeros(1, 2, 2, device="cuda", dtype=torch.float16)
gates = torch.full((2,), -40.0, device="cuda"), a, torch.zeros(2, device="cuda"), a
first = [t[:, :1].contiguous() for t in (q, zero, zero)]
one = [t[:, :1].contiguous() if t.ndim == 3 else t for t in gates]
y, _ = gated_delta_rule_decode(*first, state.clone(), *one, scale=1.0, use_qk_l2norm=False)
index = torch.zeros(1, dtype=torch.int32, device="cuda")
more, _ = gated_delta_rule_mtp(q, zero, zero, state.clone(), index, *gates, scale=1.0, use_qk_l2norm=False, disable_state_update=True)
errors = [((found.double() - column).abs() / column).max().item() for found, column in ((y[0, 0, 0], state[0, 0, 0]), (more[0, 0, 0], state[0, 0, :, 0]))]
print(f"expected y in {y.dtype} to 4.9e-4, a rounding to it")
print(f"actual   {errors[0]:.1e} off by gated_delta_rule_decode, {errors[1]:.1e} by gated_delta_rule_mtp: a rounding to bf16 is 3.9e-3")
sys.exit(max(errors) > 5e-4)
