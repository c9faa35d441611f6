#!/usr/bin/env python3
"""MLX core's gated delta rule as a worker: the function, and the Metal kernels behind it on any machine.

gdr fuzz --against 'mlx=python3 mlx_fast_worker.py'            mx.fast.gated_delta_update, with gradients: on a Mac its kernels, elsewhere MLX's CPU code
                                           shipped             the kernels in MLX's installed headers as a GPU without neural accelerators takes them:
                                                               chunk from 9 tokens on, else seq, and the sequential reverse sweep
                                           chunk seq nax       one of them whatever the number of tokens; chunk forward only; nax, with the reverse sweep
                                                               of its own, in chunks of 16 on an emulation of neural accelerators
                                           shipped --modes M   run as metal/modes.py says, as in ahead:3,guard
                                           --known             declares what is known of it: g and beta in the format of q, a floor of 1e-6 under g
"""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import sys

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from mlx_worker import modes_of, refuse_pad
from worker import Refusal, serve

FORMS = {"op": "sequential", "seq": "sequential", "chunk": "chunked:8", "shipped": "chunked:8", "nax": "chunked:16"}


def refuse(x, request, forms):
    B, T, Hk, Dk = x["q"].shape
    if "g" not in x:
        raise Refusal("takes g and beta")
    if request["arithmetic"] == "double":
        raise Refusal("computes in float32 whatever it is given")
    if T == 0:
        raise Refusal("takes at least one token")
    if forms == "op":
        return
    if x["g"].ndim == 4:
        raise Refusal("the kernels take one decay per head")
    if "mask" in x and not x.pop("mask").all():
        raise Refusal("the kernels take no mask")
    rows = {"nax": 16, "seq": 1}.get(forms, 8)
    if Dk % 32 or x["v"].shape[3] % rows:
        raise Refusal(f"the kernels need Dk % 32 == 0 and Dv % {rows} == 0")


def kernels(form, modes, known):
    """A worker's `evaluate` over the kernels of the headers."""
    from metal import gated_delta, headers

    headers.include()

    def evaluate(x, request):
        import mlx.core as mx

        refuse(x, request, form)
        if form == "nax" and known and request["gradients"] == "yes" and x["g"].min() < 1e-6:
            raise Refusal("below its floor of 1e-6 this reverse sweep has a dg that no declaration describes")
        call = gated_delta.Call(x, gated_delta.FORMATS.get(request["precision"], mx.float32), modes)
        in_chunks = form == "chunk" or (form == "shipped" and x["q"].shape[1] > 8)
        found = gated_delta.neural(call) if form == "nax" else gated_delta.chunked(call) if in_chunks else gated_delta.sequential(call, keep=False)
        found = {n: found[n] for n in ("y", "state_out")}
        if form != "chunk" and request["gradients"] == "yes":
            reverse = gated_delta.neural_gradients if form == "nax" else gated_delta.gradients
            # As inputs are: in the format of q, but for the state.
            found |= {n: t if n == "dstate_in" else call.narrow(n, t).values for n, t in reverse(call).items()}
            if "state_in" not in x:
                del found["dstate_in"]
        # The floor is in the chunked kernels alone; the reverse sweep is the sequential one's.
        floor = "none" if not known or not (in_chunks or form == "nax") else "forward:1e-6" if form == "shipped" else "decay:1e-6"
        return found, {"form": FORMS[form] if in_chunks or form == "nax" else "sequential", "clamp": floor}

    return evaluate


def function(known):
    """A worker's `evaluate` over mx.fast.gated_delta_update."""
    import mlx.core as mx

    if not hasattr(mx.fast, "gated_delta_update"):
        raise ImportError(f"mlx {importlib.metadata.version('mlx')} has no mx.fast.gated_delta_update")
    if not mx.metal.is_available():
        mx.set_default_device(mx.cpu)
    from metal.metal_kernel import bits

    def evaluate(x, request):
        refuse(x, request, "op")
        narrow = {"bf16": mx.bfloat16, "fp16": mx.float16}.get(request["precision"], mx.float32)
        names = ["q", "k", "v", "g", "beta"] + (["state_in"] if "state_in" in x else [])
        primals = [mx.array(x[n]).astype(mx.float32 if n in ("g", "state_in") else narrow) for n in names]
        mask = mx.array(x["mask"]) if "mask" in x else None
        if mask is not None:
            refuse_pad(x, request)

        def forward(*p):
            return list(mx.fast.gated_delta_update(*p[:5], p[5] if "state_in" in x else None, mask))

        outputs = forward(*primals)
        results = dict(zip(("y", "state_out"), outputs))
        if request["gradients"] == "yes":
            cotangents = [mx.array(x[n]).astype(o.dtype) if n in x else mx.zeros_like(o) for n, o in zip(("dy", "dstate_out"), outputs)]
            if mask is not None:  # y at a masked token means nothing, and neither does dy
                cotangents[0] = mx.where(mask[..., None, None], cotangents[0], 0)
            _, found = mx.vjp(forward, primals, cotangents)
            results |= {"d" + n: t for n, t in zip(names, found)}
        if known and "dg" in results:  # it has passed through the format of q
            results["dg"] = results["dg"].astype(narrow)
        return {n: bits(t) for n, t in results.items()}

    return evaluate


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("form", nargs="?", choices=FORMS, default="op")
    parser.add_argument("--modes", type=modes_of, default=modes_of(""), metavar="MODES", help="how the kernels are run on a CPU, as in ahead:3,guard")
    parser.add_argument("--known", action="store_true", help="declare what is known of them")
    arguments = parser.parse_args()
    form, evaluate = arguments.form, None
    name = "gated_delta_update" if form == "op" else f"gated_delta_update ({form})"
    declaration = {"name": name, "library": "mlx", "form": FORMS[form], "contract": "plain", "double": "no", "roundings": "beta:input"}
    if form == "chunk":
        declaration["gradients"] = "none"
    if arguments.known:
        declaration["roundings"] = "beta:input,g:input,dq:input,dk:input" if form == "op" else "beta:input,g:input"
    try:
        declaration["version"] = importlib.metadata.version("mlx")
        evaluate = function(arguments.known) if form == "op" else kernels(form, arguments.modes, arguments.known)
    except ImportError as error:
        declaration["refusal"] = f"MLX cannot be loaded: {error}"
    serve(declaration, evaluate)


if __name__ == "__main__":
    main()
