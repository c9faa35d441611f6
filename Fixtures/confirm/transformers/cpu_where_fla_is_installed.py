"""On a CPU the layer calls fla's Triton kernels as soon as fla is installed, and fails.

library: transformers 5.23.0
function: transformers.models.qwen3_next.modeling_qwen3_next.torch_chunk_gated_delta_rule
kind: bug
known: not found in November 2026
recipe: none: it fails on every case
worker: hf-chunk

`use_kernel_func_from_hub_with_fallback("chunk_gated_delta_rule", "fla")` takes fla's function wherever the package can be imported, and does not
look at the device of the tensors. Triton has no driver on a machine without a GPU ("0 active drivers"), so that Qwen3-Next, Qwen3.5, Olmo
Hybrid and Kimi Linear do not run there, while they do as soon as fla is uninstalled.

Expected: tensors on a CPU go to the PyTorch form.
"""

import importlib.util
import sys

import torch
from transformers.models.qwen3_next.modeling_qwen3_next import torch_chunk_gated_delta_rule

if importlib.util.find_spec("fla") is None or importlib.util.find_spec("triton") is None or torch.cuda.is_available():
    print("needs fla-core and triton, and no GPU")
    sys.exit(77)
x = torch.zeros(1, 64, 1, 16)
print("expected the PyTorch form to compute on CPU tensors")
try:
    torch_chunk_gated_delta_rule(x, x, x, g=x[..., 0], beta=x[..., 0])
except Exception as error:
    print(f"actual   {type(error).__name__}: {error}")
    sys.exit(1)
print("actual   it does")
