#!/usr/bin/env python3
"""flash-linear-attention as a worker: its naive forms on a CPU, its Triton kernels where a GPU is.

gdr fuzz --against 'fla=python3 fla_worker.py gdr-chunk'              gdr-recurrent gdr-chunk kda-recurrent kda-chunk (naive, CPU)
                                                                       gdr-kernel kda-kernel (Triton, GPU)
                                                                       gdr-fused kda-fused (Triton, GPU, forward only)
                                                                       --all: refuse nothing that the function accepts
                                                                       --ieee: multiply fp32 inputs as fp32, not TF32
Triton compiles for every shape, so that on a GPU a few shapes are drawn only:
gdr fuzz --deadline 10m --families Hk1-Hv2-Dk16-Dv16/bf16,Hk2-Hv2-Dk64-Dv64/f16 --against 'fla=python3 fla_worker.py gdr-kernel'
"""

import importlib
import importlib.metadata
import importlib.util
import os
import sys
from pathlib import Path

from numpy_worker import serve

NAIVE = {
    "gdr-recurrent": ("gated_delta_rule", "naive_recurrent_gated_delta_rule", "sequential"),
    "gdr-chunk": ("gated_delta_rule", "naive_chunk_gated_delta_rule", "chunked:64"),
    "kda-recurrent": ("kda", "naive_recurrent_kda", "sequential"),
    "kda-chunk": ("kda", "naive_chunk_kda", "chunked:64"),
}
KERNELS = {
    "gdr-kernel": ("gated_delta_rule", "chunk_gated_delta_rule", "chunked:64"),
    "gdr-fused": ("gated_delta_rule", "fused_recurrent_gated_delta_rule", "sequential"),
    "kda-kernel": ("kda", "chunk_kda", "chunked:64"),
    "kda-fused": ("kda", "fused_recurrent_kda", "sequential"),
}
# The chunked kernels round the operands of their products, and what goes from one to the next, to the format of q.
PRODUCTS = {"roundings": "dq:input,dk:input,products:" + ("input" if "--ieee" in sys.argv else "tf32")}


def naive(folder, name):
    """Loaded by path: the package itself needs Triton, these files do not."""
    root = importlib.util.find_spec("fla")
    if root is None:
        raise ImportError("No module named 'fla'")
    spec = importlib.util.spec_from_file_location(f"fla_{folder}_naive", Path(root.submodule_search_locations[0]) / "ops" / folder / "naive.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, name)


def rule(which):
    folder, name, _ = (NAIVE | KERNELS)[which]
    function = naive(folder, name) if which in NAIVE else getattr(importlib.import_module(f"fla.ops.{folder}"), name)

    def call(q, k, v, log_g, beta, state):
        if which in NAIVE and which.startswith("gdr"):  # takes equal heads only
            q, k = (t.repeat_interleave(v.shape[2] // t.shape[2], dim=2) for t in (q, k))
        if which in KERNELS:
            q, k, v, beta = (t.contiguous() for t in (q, k, v, beta))
            log_g, state = log_g.contiguous(), None if state is None else state.contiguous()
        return function(q=q, k=k, v=v, g=log_g, beta=beta, scale=1.0, initial_state=state, output_final_state=True)

    return call


def limits(which):
    def refusal(shape):
        if which.startswith("gdr") and shape["channels"]:
            return "takes one decay per head"
        if which.startswith("kda") and not shape["channels"]:
            return "takes one decay per key channel"
        if which == "kda-chunk" and shape["T"] % 64:
            return "takes whole chunks of 64 tokens"
        return None

    return refusal


def forward_only(evaluate):
    def outputs(x, request):
        return evaluate(x, request | {"gradients": "no"})

    return outputs


def main():
    which = sys.argv[1] if len(sys.argv) > 1 else "gdr-chunk"
    if which not in NAIVE | KERNELS:
        sys.exit(f"{which} is none of {', '.join(NAIVE | KERNELS)}")
    _, name, form = (NAIVE | KERNELS)[which]
    declaration = {"name": name, "library": "fla-core", "form": form}
    if "--ieee" in sys.argv:
        os.environ["TRITON_F32_DEFAULT"] = "ieee"
    try:
        import torch
        import torch_rule

        declaration |= {"version": importlib.metadata.version("fla-core")} | torch_rule.THROUGH_LOG | torch_rule.GROUPED
        if which in ("gdr-kernel", "kda-kernel"):
            declaration |= PRODUCTS
        device = "cuda" if which in KERNELS else "cpu"
        if which in KERNELS and not torch.cuda.is_available():
            raise ImportError("the Triton kernels need a GPU")
        everything = form == "sequential" or "--all" in sys.argv
        evaluate = torch_rule.evaluator(rule(which), device, everything, limits(which))
        if which.endswith("-fused"):
            evaluate = forward_only(evaluate)
    except ImportError as error:
        declaration["refusal"], evaluate = f"fla cannot be loaded: {error}", None
    serve(declaration, evaluate)


if __name__ == "__main__":
    main()
