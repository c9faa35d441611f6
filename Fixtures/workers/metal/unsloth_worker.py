#!/usr/bin/env python3
"""unsloth_zoo's Metal kernels for training as a worker, with gradients: on a Mac its GPU, elsewhere the same kernels on the CPU.

gdr fuzz --families Hk1-Hv2-Dk64-Dv32/f32 --against 'unsloth=python3 unsloth_worker.py'
                                                     --modes M     run as metal/modes.py says, as in ahead:3,guard
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import os
import sys
from pathlib import Path

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from mlx_worker import modes_of
from worker import Refusal, serve


def module():
    """Loaded by path: the package itself needs torch, this file MLX only."""
    root = importlib.util.find_spec("unsloth_zoo")
    if root is None:
        raise ImportError("No module named 'unsloth_zoo'")
    spec = importlib.util.spec_from_file_location("gated_delta_vjp", Path(root.submodule_search_locations[0]) / "gated_delta_vjp.py")
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def evaluator(modes):
    import mlx.core as mx

    from metal import metal_kernel

    if modes is not None or not mx.metal.is_available():
        metal_kernel.install(modes or modes_of(""))
        metal_kernel.SCRATCH.add("ckpt")  # has room for one state even where no block ends
    unsloth = module()

    def evaluate(x, request):
        if "g" not in x:
            raise Refusal("takes g and beta")
        if request["arithmetic"] == "double":
            raise Refusal("computes in float32 whatever it is given")
        if "mask" in x and not x.pop("mask").all():
            raise Refusal("the kernels take no mask")
        if x["q"].shape[1] == 0:
            raise Refusal("takes at least one token")
        narrow = {"bf16": mx.bfloat16, "fp16": mx.float16}.get(request["precision"], mx.float32)
        names = ["q", "k", "v", "g", "beta"] + (["state_in"] if "state_in" in x else [])
        primals = [mx.array(x[n]).astype(narrow if n in ("q", "k", "v", "beta") else mx.float32) for n in names]
        if not unsloth.gated_delta_kernel_supported(primals[0], primals[3], None, primals[2], primals[1]):
            raise Refusal("gated_delta_kernel_supported says no")

        def forward(*p):
            return list(unsloth.gated_delta_kernel_efficient(*p))

        results = dict(zip(("y", "state_out"), forward(*primals)))
        if request["gradients"] == "yes":
            cotangents = [mx.array(x[n]).astype(o.dtype) if n in x else mx.zeros_like(o) for n, o in zip(("dy", "dstate_out"), results.values())]
            _, found = mx.vjp(forward, primals, cotangents)
            results |= {"d" + n: t for n, t in zip(names, found)}
        return {n: metal_kernel.bits(t) for n, t in results.items()}

    return evaluate


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--modes", type=modes_of, metavar="MODES", help="the kernels on a CPU, as in ahead:3,guard")
    arguments = parser.parse_args()
    declaration = {"name": "gated_delta_kernel_efficient", "library": "unsloth_zoo", "form": "sequential", "roundings": "beta:input,dq:input,dk:input"}
    evaluate = None
    try:
        evaluate = evaluator(arguments.modes)
        declaration["version"] = importlib.metadata.version("unsloth_zoo")
    except ImportError as error:
        declaration["refusal"] = f"unsloth_zoo cannot be loaded: {error}"
    serve(declaration, evaluate)


if __name__ == "__main__":
    main()
