#!/usr/bin/env python3
"""mlx-lm's functions as a worker.

gdr fuzz --against 'mlx=python3 mlx_worker.py'              gated_delta_ops at core level, gated_delta_update at model level, with gradients
                                               kernel       the Metal kernels on a Mac, forward only
                                               --all        refuse nothing that the function accepts
"""

import importlib.metadata
import sys

import numpy as np

from numpy_worker import Refusal, serve

KERNEL = "kernel" in sys.argv
EVERYTHING = "--all" in sys.argv
ORDER = {"core": ["q", "k", "v", "g", "beta"], "model": ["q", "k", "v", "a", "b", "A_log", "dt_bias"]}


def evaluate(x, request):
    level, double = request["level"], request["arithmetic"] == "double"
    B, T, _, Dk = x["q"].shape
    Hv, Dv = x["v"].shape[2:]
    if T == 0:
        raise Refusal("takes at least one token")
    if double and (level == "model" or KERNEL):
        raise Refusal("computes the gates in float32 whatever they are given in")
    if KERNEL and (Dk % 32 or Dv % 4):
        raise Refusal("the kernel needs Dk % 32 == 0 and Dv % 4 == 0")
    mask = mx.array(x["mask"]) if "mask" in x else None
    if mask is not None and not EVERYTHING:
        # What a product of two of them, summed over Dk, does not bring to the end of its format.
        largest = 1e2 if request["precision"] == "fp16" else 1e15
        if not all((np.abs(x[n]) < largest).all() for n in ("q", "k", "v")) or ("A_log" in x and x["A_log"].max(initial=0) > 88):
            raise Refusal("multiplies what overflows or is not finite under the mask by zero")
    narrow = mx.float64 if double else {"bf16": mx.bfloat16, "fp16": mx.float16}.get(request["precision"], mx.float32)
    wide = mx.float64 if double else mx.float32

    def tensor(name):
        return mx.array(x[name]).astype(narrow if name in ("q", "k", "v", "a", "b", "beta") else wide)

    # Without a state the function starts from a float32 one, even in float64.
    names = ORDER[level] + (["state_in"] if "state_in" in x else [])
    start = mx.zeros((B, Hv, Dv, Dk), dtype=mx.float64) if double and "state_in" not in x else None

    def forward(*primals):
        state = primals[-1] if "state_in" in x else start
        gates = primals[3 : len(ORDER[level])]
        if level == "model":
            return list(gated_delta.gated_delta_update(*primals[:3], *gates, state, mask, use_kernel=KERNEL))
        rule = gated_delta.gated_delta_kernel if KERNEL else gated_delta.gated_delta_ops
        return list(rule(*primals[:3], *gates, state if state is not None else mx.zeros((B, Hv, Dv, Dk)), mask))

    primals = [tensor(n) for n in names]
    outputs = forward(*primals)
    results = dict(zip(("y", "state_out"), outputs))
    if not KERNEL and request["gradients"] == "yes":
        cotangents = [mx.array(x[n]).astype(o.dtype) if n in x else mx.zeros_like(o) for n, o in zip(("dy", "dstate_out"), outputs)]
        if mask is not None:  # y at a masked token means nothing, and neither does dy
            cotangents[0] = mx.where(mask[..., None, None], cotangents[0], 0)
        _, gradients = mx.vjp(forward, primals, cotangents)
        results |= {"dstate_in" if n == "state_in" else "d" + n: t for n, t in zip(names, gradients)}
    return {n: to_numpy(t) for n, t in results.items()}


def to_numpy(t):
    mx.eval(t)
    return np.array(t.view(mx.uint16)) if t.dtype == mx.bfloat16 else np.array(t)


if __name__ == "__main__":
    declaration = {"name": "gated_delta_kernel" if KERNEL else "gated_delta_ops, gated_delta_update", "library": "mlx-lm", "form": "sequential"}
    try:
        import mlx.core as mx
        from mlx_lm.models import gated_delta

        versions = [importlib.metadata.version(p) for p in ("mlx-lm", "mlx")]
        declaration |= {"version": f"{versions[0]}, mlx {versions[1]}", "double": "no" if KERNEL else "yes", "roundings": "beta:input,exp|b|:input,dq:input,dk:input"}
        if not mx.metal.is_available():
            mx.set_default_device(mx.cpu)
            if KERNEL:
                raise ImportError("the kernels need Metal")
        elif not KERNEL:
            mx.set_default_device(mx.cpu)  # float64 exists there only
    except ImportError as error:
        declaration["refusal"], evaluate = f"mlx-lm cannot be loaded: {error}", None
    serve(declaration, evaluate)
