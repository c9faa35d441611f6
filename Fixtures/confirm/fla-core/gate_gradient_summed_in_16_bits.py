"""The gradient of g at the last token of a chunk is a sum of Dk Dv products that is formed in the format of q.

library: fla-core 0.6.0
function: fla.ops.common.chunk_o.chunk_bwd_dqkwg
kind: bug
known: not found in November 2026
recipe: v1/B2-T63-Hk1-Hv2-Dk64-Dv64/model/keys=equal/decay=-1.95e-6/dt_bias=heads/write=logit:-5.32/state=random/dstate=random/bf16/seed=12397
worker: fla-gdr-kernel-untuned

The kernel has b_dg_last += tl.sum(b_h * b_dh). Both are loaded in the format of q, and tl.sum adds floating point numbers in the format that they have. In
bf16, by chunk_gated_delta_rule on an H200, a sum of 16,384 products came out 5.5 % too small, where rounding the factors leaves 0.1 %; in fp16 it is inf
from 65504 on, as here. dA_log and ddt_bias have it from there. chunk_kda's backward does the same for each key channel: b_dgk += tl.sum(b_h * b_dh, axis=0).

Expected: tl.sum(b_h.to(tl.float32) * b_dh.to(tl.float32)): b_dg_last itself is in float32.
"""

import os
import sys

import torch

device = "cuda" if torch.cuda.is_available() else "cpu"
if device == "cpu":
    os.environ["TRITON_INTERPRET"] = "1"

import triton
from fla.ops.common.chunk_o import chunk_bwd_dqkwg

if device == "cpu":
    # Without a GPU nothing can be timed: the first configuration is as good.
    triton.runtime.autotuner.Autotuner.run = lambda self, *args, **more: self.fn.run(*args, **more, **self.configs[0].all_kwargs())

# One token that is zero and forgets nothing: what is left of the gradient of log g is the sum over the state times its gradient.
tokens = torch.zeros(1, 1, 1, 64, device=device, dtype=torch.float16)
failed = False
for size in (2.0, 8.0):
    state = torch.full((1, 1, 1, 64, 64), size, device=device, dtype=torch.float16)
    *_, dg = chunk_bwd_dqkwg(q=tokens, k=tokens, v=tokens, do=tokens, h=state, dh=state, g=torch.zeros(1, 1, 1, device=device), scale=1.0)
    found, expected = dg.item(), 64 * 64 * size * size
    print(f"a state and a gradient of {size:.0f}: expected dg = {expected:.0f}; actual {found:.0f}, in {dg.dtype}")
    failed |= not abs(found - expected) <= 0.01 * expected
sys.exit(failed)
