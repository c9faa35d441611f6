"""The gate kernels compute softplus as log(1 + exp(x)): it is 0 from -17 down.

library: fla-core 0.6.0
function: fla.ops.kda.gate.fused_kda_gate
kind: bug
known: not found in November 2026
recipe: none: gates that are made in the kernel are a worker's option
worker: fla-kda-kernel-interpreted

fla.ops.utils.softplus takes no log1p: at x = -15 the decay is 17 % off, from -17 down it is 0 and the channel never forgets. naive_kda_gate, the
reference beside it, is F.softplus. use_gate_in_kernel of chunk_kda and fused_recurrent_kda is the same code.

Expected: log1p, or x + log(1 + exp(-x)) for one sign and exp(x) where exp(x) is small.
"""

import os
import sys

import torch

device = "cuda" if torch.cuda.is_available() else "cpu"
if device == "cpu":
    os.environ["TRITON_INTERPRET"] = "1"

import triton
from fla.ops.kda import gate

x, A_log = torch.tensor([-15.0, -17.0]).view(1, 2, 1, 1), torch.zeros(1)
expected = gate.naive_kda_gate(x, A_log).flatten()
if device == "cpu":
    # Without a GPU nothing can be timed: the first configuration is as good.
    triton.runtime.autotuner.Autotuner.run = lambda self, *args, **more: self.fn.run(*args, **more, **self.configs[0].kwargs)
actual = gate.fused_kda_gate(x.to(device), A_log.to(device)).cpu().flatten()
print(f"expected log g {expected.tolist()} at x = -15, -17 (naive_kda_gate)")
print(f"actual   log g {actual.tolist()}")
sys.exit(not torch.allclose(actual, expected, rtol=1e-4, atol=0))
